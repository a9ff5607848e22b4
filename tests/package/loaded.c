/* A consumer that links nothing: the library is loaded at run time. loaded LIBRARY */
#include <dlfcn.h>
#include <gemmact/gemmact.h>
#include <stdio.h>
#include <string.h>

/* POSIX guarantees what ISO C does not: a function pointer fits a void*. */
static int resolve(void* library, const char* name, void* function, size_t bytes) {
  void* symbol = dlsym(library, name);
  memcpy(function, &symbol, bytes);
  return symbol != NULL;
}

int main(int argc, char** argv) {
  void* library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  gemmact_status (*create)(const char*, gemmact_context**);
  void (*destroy)(gemmact_context*);
  gemmact_status (*linear)(gemmact_context*, const char*, const void*, const void*, const void*, void*, int64_t,
                           int64_t, int64_t, gemmact_type, void*);
  const float x[2] = {3, 4}, w[2] = {2, -1};
  float y = 0;
  gemmact_context* context = NULL;
  if (library == NULL) {
    printf("%s\n", argc == 2 ? dlerror() : "usage: loaded LIBRARY");
    return 1;
  }
  if (!resolve(library, "gemmact_context_create", &create, sizeof create) ||
      !resolve(library, "gemmact_context_destroy", &destroy, sizeof destroy) ||
      !resolve(library, "gemmact_linear", &linear, sizeof linear)) {
    printf("%s\n", dlerror());
    return 1;
  }
  if (create("cpu", &context) != GEMMACT_OK) return 1;
  if (linear(context, "relu", x, w, NULL, &y, 1, 1, 2, GEMMACT_F32, NULL) != GEMMACT_OK || y != 2) return 1;
  destroy(context);
  if (dlclose(library) != 0) return 1;
  printf("loaded, ran a layer, unloaded\n");
  return 0;
}
