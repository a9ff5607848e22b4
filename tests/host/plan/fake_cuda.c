/* As much of the driver's library as finding devices takes. */
int initialised;

#if !defined(VARIANT_not_a_driver)
int cuInit(unsigned flags) {
  initialised = flags == 0;
#if defined(VARIANT_cannot_start)
  return 100; /* CUDA_ERROR_NO_DEVICE */
#else
  return 0;
#endif
}

int cuDriverGetVersion(int* version) {
#if defined(VARIANT_cannot_start)
  *version = 12040;
  return 0;
#else
  *version = 1; /* what is written by a call that fails does not count */
  return 999;
#endif
}

int cuDeviceGetCount(int* count) {
  if (!initialised) return 3; /* CUDA_ERROR_NOT_INITIALIZED */
#if defined(VARIANT_two_devices)
  *count = 2;
#else
  *count = 0;
#endif
  return 0;
}

int cuGetErrorName(int code, const char** name) {
  *name = code == 100 ? "CUDA_ERROR_NO_DEVICE" : "CUDA_ERROR_NOT_INITIALIZED";
  return 0;
}
#endif
