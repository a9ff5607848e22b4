/* Logic gates as neurons, from C11: y = step(x w^T + bias), one row of w a neuron. No single neuron computes XOR; two
 * layers do. */
#include <gemmact/gemmact.h>
#include <stdio.h>

enum { rows = 4, gates = 3 };

static int failed(const char* what) {
  fprintf(stderr, "%s: %s\n", what, gemmact_last_error());
  return 1;
}

int main(void) {
  gemmact_context* context = NULL;
  if (gemmact_context_create("cpu", &context) != GEMMACT_OK) return failed("no context");

  const float x[rows * 2] = {0, 0, 0, 1, 1, 0, 1, 1};
  const float w[gates * 2] = {1, 1, 1, 1, -1, -1}; /* AND, OR, NAND */
  const float bias[gates] = {-1.5f, -0.5f, 1.5f};
  float y[rows * gates];
  if (gemmact_linear(context, "step", x, w, bias, y, rows, gates, 2, GEMMACT_F32, NULL) != GEMMACT_OK)
    return failed("the first layer");

  const float w_xor[gates] = {0, 1, 1}; /* XOR is OR and NAND */
  const float bias_xor[1] = {-1.5f};
  float y_xor[rows];
  if (gemmact_linear(context, "step", y, w_xor, bias_xor, y_xor, rows, 1, gates, GEMMACT_F32, NULL) != GEMMACT_OK)
    return failed("the second layer");
  gemmact_context_destroy(context);

  int wrong = 0;
  puts(" a  b | AND OR NAND | XOR (two layers)");
  for (int i = 0; i < rows; ++i) {
    const int a = x[2 * i] != 0, b = x[2 * i + 1] != 0;
    const float* gate = y + gates * i;
    printf(" %d  %d |  %.0f   %.0f   %.0f  |  %.0f\n", a, b, gate[0], gate[1], gate[2], y_xor[i]);
    wrong += gate[0] != (a && b) || gate[1] != (a || b) || gate[2] != !(a && b) || y_xor[i] != (a != b);
  }
  puts(wrong == 0 ? "Every gate is right." : "WRONG: these are not the gates they should be.");
  return wrong;
}
