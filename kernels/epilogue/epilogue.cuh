// All steps that a unit may chain.
#pragma once
#include "kernels/epilogue/activate.cuh"
#include "kernels/epilogue/bias.cuh"
#include "kernels/epilogue/chain.cuh"
#include "kernels/epilogue/keep.cuh"
#include "kernels/epilogue/residual.cuh"
#include "kernels/epilogue/store.cuh"
