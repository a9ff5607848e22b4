/* Stands in for NVRTC: a VERSION, and a "cubin" that is the text it was given, so that all but the compiler itself is tested
 * where there is none. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct program {
  char* text;
};

#if PADDING
const char padding[4 * PADDING] = {1}; /* the same version, another library */
#endif

static const char log_text[] = "ptxas info    : Used 42 registers, used 3 barriers, 512 bytes smem\n";

int nvrtcVersion(int* major, int* minor) {
  *major = VERSION / 100;
  *minor = VERSION % 100;
  return 0;
}
int nvrtcGetNumSupportedArchs(int* count) {
  *count = 2;
  return 0;
}
int nvrtcGetSupportedArchs(int* numbers) {
  numbers[0] = 80;
  numbers[1] = 89;
  return 0;
}
int nvrtcCreateProgram(struct program** made, const char* text, const char* name, int headers, const char* const* texts,
                       const char* const* names) {
  (void)name, (void)headers, (void)texts, (void)names;
  *made = malloc(sizeof **made);
  (*made)->text = malloc(strlen(text) + 1);
  strcpy((*made)->text, text);
  return 0;
}
int nvrtcDestroyProgram(struct program** p) {
  free((*p)->text);
  free(*p);
  *p = NULL;
  return 0;
}
int nvrtcCompileProgram(struct program* p, int count, const char* const* options) {
  (void)options;
  return strstr(p->text, "out of memory") ? 1 : count > 0 ? 0 : 5;
}
int nvrtcGetCUBINSize(struct program* p, size_t* bytes) {
  *bytes = strstr(p->text, "nothing") ? 0 : strlen(p->text);
  return 0;
}
int nvrtcGetCUBIN(struct program* p, char* cubin) {
  memcpy(cubin, p->text, strlen(p->text));
  return 0;
}
int nvrtcGetProgramLogSize(struct program* p, size_t* bytes) {
  *bytes = strstr(p->text, "silence") ? 1 : sizeof log_text;
  return 0;
}
int nvrtcGetProgramLog(struct program* p, char* log) {
  memcpy(log, strstr(p->text, "silence") ? "" : log_text, strstr(p->text, "silence") ? 1 : sizeof log_text);
  return 0;
}
