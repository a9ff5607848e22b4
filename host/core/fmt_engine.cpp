// What formats, compiled once: with FMT_HEADER_ONLY everywhere, each source that formats a sentence would compile it again,
// which took most of the time of most of them. Everything else of ours is compiled without that macro. Its symbols stay weak,
// as a header's are, so that a program with an fmt of its own links with the static library.
#define FMT_HEADER_ONLY
#include <fmt/format.h>

namespace {

// All that sources compiled without the macro refer to, emitted because their addresses are taken. fmt::format_to and fmt::join
// refer to more, other things in each version of fmt: a linker's "undefined reference to fmt::…" means that one of them is used.
[[gnu::used]] std::string (*const format)(fmt::string_view, fmt::format_args) = fmt::vformat;
[[gnu::used]] void (*const print)(fmt::string_view, fmt::format_args) = fmt::vprint;
[[gnu::used]] void (*const print_to)(std::FILE*, fmt::string_view, fmt::format_args) = fmt::vprint;
[[gnu::used]] void (*const failed_assertion)(const char*, int, const char*) = fmt::detail::assert_fail;

}  // namespace
