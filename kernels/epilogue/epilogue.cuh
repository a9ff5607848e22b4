// All steps that a unit may chain.
#pragma once
#include "kernels/epilogue/activate.cuh"
#include "kernels/epilogue/amax.cuh"
#include "kernels/epilogue/arithmetic.cuh"
#include "kernels/epilogue/chain.cuh"
#include "kernels/epilogue/gradient.cuh"
#include "kernels/epilogue/products.cuh"
#include "kernels/epilogue/stage.cuh"
#include "kernels/epilogue/store.cuh"
