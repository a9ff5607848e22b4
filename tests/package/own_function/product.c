/* Runs a layer with the function that is named, and checks it against that function evaluated alone: product NAME */
#include <gemmact/gemmact.h>
#include <stdio.h>

enum { m = 5, n = 4, k = 3 };

int main(int argc, char** argv) {
  gemmact_context* cpu = NULL;
  float x[m * k], w[n * k], z[m * n], f_of_z[m * n], y[m * n];
  int wrong = 0, different = 0;
  if (argc != 2) return 2;
  for (int i = 0; i < m * k; ++i) x[i] = 0.25f * (float)(i % 7 - 3);
  for (int i = 0; i < n * k; ++i) w[i] = 0.5f * (float)(i % 5 - 2);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      z[i * n + j] = 0;
      for (int p = 0; p < k; ++p) z[i * n + j] += x[i * k + p] * w[j * k + p];
    }
  if (gemmact_context_create("cpu", &cpu) != GEMMACT_OK ||
      gemmact_activation_evaluate(argv[1], NULL, 0, GEMMACT_ACCURATE, z, m * n, f_of_z, NULL) != GEMMACT_OK ||
      gemmact_linear(cpu, argv[1], x, w, NULL, y, m, n, k, GEMMACT_F32, NULL) != GEMMACT_OK) {
    printf("%s\n", gemmact_last_error());
    return 1;
  }
  gemmact_context_destroy(cpu);
  for (int i = 0; i < m * n; ++i) {
    wrong += !(y[i] == f_of_z[i]);
    different += y[i] != z[i];
  }
  printf("%s: %d of %d outputs are right, %d of them changed by the function\n", argv[1], m * n - wrong, m * n,
         different);
  return wrong != 0 || different == 0;
}
