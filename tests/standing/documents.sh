#!/usr/bin/env bash
# Documents tell the truth about the tree: every repository path that one names exists, every link leads somewhere, and
# code shown is cut from a file that is compiled. documents.sh ROOT BUILD
set -euo pipefail
root=$1 build=$2
cd "$root"
failed=0
complain() {
  printf '%s\n' "$*" >&2
  failed=1
}

# A path that ends in a placeholder (<name>, *, {a,b}) is checked as far as it goes; foo and bar are names of things to
# come. build/bin/NAME must have been built.
exists() {
  local path=${1%%[.,:;]}
  case $path in
    */foo | */foo[._]* | */foo_* | foo*) return 0 ;;
    build/*) path=$build/${path#build/} ;;
  esac
  [ -e "$path" ] || [[ $path == *[!/] ]] && compgen -G "$path*" >/dev/null
}

# Lines "<!-- cut from FILE -->" followed by a fenced block: the block must be in FILE, indentation aside.
check_cuts() {
  awk -v document="$1" '
    /^<!-- cut from [^ ]+ -->$/ { file = $4; next }
    file != "" && /^```/ && !inside { inside = 1; n = 0; next }
    inside && /^```/ {
      inside = 0
      text = ""
      while ((getline line < file) > 0) { sub(/^[ \t]+/, "", line); text = text line "\n" }
      close(file)
      block = ""
      for (i = 0; i < n; i++) block = block lines[i] "\n"
      if (n == 0 || index(text, block) == 0) { print document ": the block cut from " file " is not in it"; bad = 1 }
      file = ""
      next
    }
    inside { sub(/^[ \t]+/, ""); lines[n++] = $0 }
    END { exit bad }' "$1" >&2
}

mapfile -t documents < <(ls ./*.md; find docs host kernels tests bench -name '*.md' 2>/dev/null)
[ -e README.md ] || complain "no README.md: is $PWD the repository?"
for document in "${documents[@]}"; do
  while read -r path; do
    exists "$path" || complain "$document names $path, which does not exist"
  done < <(sed -E 's#https?://[^ )>]*##g' "$document" |
    grep -oE '(^|[^A-Za-z0-9_./$-])((kernels|host|bench|tests|docs|cmake|\.ci|build/bin)/[A-Za-z0-9_./-]*)' |
    sed -E 's#^[^A-Za-z.]##' | sort -u)
  while read -r link; do
    [ -e "$(dirname "$document")/$link" ] || complain "$document links to $link, which does not exist"
  done < <(grep -oE '\]\([^)]+\)' "$document" | sed -E 's/^\]\(//; s/[#)].*$//' | grep -vE '^(https?:|mailto:|$)' | sort -u)
  check_cuts "$document" || failed=1
done
exit $failed
