/* A consumer in plain C11: runs a layer and checks its numbers; asks for what this machine may not have. */
#include <gemmact/gemmact.h>
#include <stdio.h>
#include <string.h>

enum { m = 3, n = 2, k = 4 };

static int check(int right, const char* what) {
  if (!right) printf("wrong: %s (%s)\n", what, gemmact_last_error());
  return right ? 0 : 1;
}

int main(void) {
  const float x[m * k] = {1, 2, 3, 4, -1, 0, 1, 0, 2, -2, 2, -2};
  const float w[n * k] = {1, 1, 1, 1, -1, 2, 0, 1};
  const float bias[n] = {0.5f, -3};
  const float expected[m * n] = {10.5f, 4, 0.5f, 0, 0.5f, 0};
  float y[m * n] = {0};
  gemmact_context* cpu = NULL;
  gemmact_context* gpu = NULL;
  size_t functions = 0;
  int wrong =
      check(gemmact_version() == GEMMACT_VERSION_MAJOR * 10000 + GEMMACT_VERSION_MINOR * 100 + GEMMACT_VERSION_PATCH,
            "the library's version is the header's");
  wrong += check(gemmact_activation_count(&functions) == GEMMACT_OK && functions > 20, "the catalogue");
  wrong += check(gemmact_context_create("cpu", &cpu) == GEMMACT_OK, "a context");
  wrong += check(gemmact_linear(cpu, "relu", x, w, bias, y, m, n, k, GEMMACT_F32, NULL) == GEMMACT_OK, "a layer");
  wrong += check(memcmp(y, expected, sizeof y) == 0, "its numbers");
  wrong +=
      check(gemmact_linear(cpu, "rellu", x, w, bias, y, m, n, k, GEMMACT_F32, NULL) == GEMMACT_UNKNOWN_ACTIVATION &&
                strstr(gemmact_last_error(), "relu") != NULL,
            "a misspelt name is answered with the nearest");
  /* Understood and refused, whatever the machine has. */
  const gemmact_status none = gemmact_context_create("cuda:4711", &gpu);
  wrong += check((none == GEMMACT_NO_DEVICE || none == GEMMACT_NO_DRIVER || none == GEMMACT_DRIVER_TOO_OLD) && gpu == NULL,
                 "no such GPU");
  gemmact_context_destroy(cpu);
  if (wrong == 0)
    printf("gemmact %u from C: %zu functions, a layer is right\n", (unsigned)gemmact_version(), functions);
  return wrong;
}
