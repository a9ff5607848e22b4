/* gemmact: a neuron layer is one kernel.
 *
 * Y = f(alpha * X W^T + b + beta * C) + R and its backward pass, each in one launch, for every activation of the
 * catalogue. This is the whole C interface (C11; no C++ and no CUDA header is needed).
 *
 * Convention, in PyTorch's terms: X is m x k, W is n x k (one row an output neuron), Y is m x n, all row-major unless a
 * tensor says otherwise; leading dimensions and strides are in elements. m, n, k are always those of the forward layer.
 * z is the pre-activation alpha * X W^T + b + beta * C.
 *
 * Every call returns a gemmact_status. When it is not GEMMACT_OK, gemmact_last_error() has one sentence that names the
 * argument, its value and the rule broken (of an equation, two more lines show the place); nothing has been written to
 * any output. Nothing is printed, nothing throws or aborts across this boundary. Every struct that crosses it starts with
 * its size in bytes; fields that a caller's older header did not have count as zero. Zero is every field's default.
 */
#ifndef GEMMACT_GEMMACT_H
#define GEMMACT_GEMMACT_H

#include <stddef.h>
#include <stdint.h>

#define GEMMACT_VERSION_MAJOR 0
#define GEMMACT_VERSION_MINOR 1
#define GEMMACT_VERSION_PATCH 0

#if defined(GEMMACT_STATIC)
#define GEMMACT_API
#elif defined(__GNUC__)
#define GEMMACT_API __attribute__((visibility("default")))
#else
#define GEMMACT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Statuses: docs/errors.md has each with its cause and cure --------------------------------------------------- */

typedef enum gemmact_status {
  GEMMACT_OK = 0,
  GEMMACT_NULL_ARGUMENT = 1,       /* a pointer that must point somewhere is null */
  GEMMACT_STRUCT_SIZE = 2,         /* struct_bytes or tensor_bytes is none that this library knows */
  GEMMACT_BAD_ENUM = 3,            /* a value outside its enumeration, or an unknown flag */
  GEMMACT_BAD_SIZE = 4,            /* m, n, k, batch or pieces is out of range, or a product of them overflows */
  GEMMACT_BAD_TENSOR = 5,          /* a tensor's type, order, extent, leading dimension or stride breaks a rule */
  GEMMACT_MISSING_TENSOR = 6,      /* the operation needs a slot that is not listed */
  GEMMACT_UNEXPECTED_TENSOR = 7,   /* a slot is listed that the operation does not have, or listed twice */
  GEMMACT_BAD_BINDING = 8,         /* gemmact_run: a slot is bound twice, is unknown to the plan, or is left unbound */
  GEMMACT_MISALIGNED = 9,          /* a pointer does not keep the promised alignment */
  GEMMACT_OVERLAP = 10,            /* an output overlaps another tensor where that is not allowed */
  GEMMACT_UNKNOWN_ACTIVATION = 11, /* no such function in the catalogue; the message has the nearest names */
  GEMMACT_BAD_PARAMETER = 12,      /* an activation's parameter: unknown name, bad number, out of its range */
  GEMMACT_BAD_ACTIVATION_TEXT = 13,/* neither name(parameters) nor an equation; of one, the message shows the place */
  GEMMACT_EQUATION_UNSUPPORTED = 14, /* an equation that is right but larger than this version computes */
  GEMMACT_BAD_KEEP = 15,           /* what is kept cannot serve the gradients asked for */
  GEMMACT_NOT_SUPPORTED = 16,      /* no kernel family of this device takes the problem; each family's reason is given */
  GEMMACT_BAD_DEVICE = 17,         /* the device text is not understood */
  GEMMACT_NO_DEVICE = 18,          /* understood, but not on this machine */
  GEMMACT_BUFFER_TOO_SMALL = 19,   /* a text buffer or workspace is smaller than needed */
  GEMMACT_OUT_OF_MEMORY = 20,
  GEMMACT_DEVICE_FAILED = 21,      /* the device's driver reported a failure; the message has its words */
  GEMMACT_INTERNAL = 22,           /* a defect of this library; please report the message */
  GEMMACT_NO_COMPILER = 23,        /* a kernel is to be compiled and NVRTC is not here; the message says what to install */
  GEMMACT_COMPILE_FAILED = 24,     /* a kernel's text does not compile cleanly; the message has the compiler's words */
  GEMMACT_BAD_FILE = 25,           /* a file or directory named by the caller or the environment cannot serve */
  GEMMACT_NO_DRIVER = 26,          /* a GPU is asked for and the driver's library libcuda.so.1 is not here */
  GEMMACT_DRIVER_TOO_OLD = 27,     /* the driver lacks what this library calls; the message says from which version on */
  GEMMACT_STREAM_CAPTURING = 28,   /* a stream is being captured, and the call would have to load or allocate */
  GEMMACT_DEVICE_FAULT = 29        /* earlier work on the GPU has faulted; nothing works in this process any more */
} gemmact_status;

/* The status's name as written above, "GEMMACT_OK" for 0; never null. Static storage. */
GEMMACT_API const char* gemmact_status_name(gemmact_status status);

/* The calling thread's last message, "" when its last call succeeded; good until the thread's next call. Never null. */
GEMMACT_API const char* gemmact_last_error(void);

/* The library's version as major * 10000 + minor * 100 + patch. */
GEMMACT_API uint32_t gemmact_version(void);

/* ---- What a layer is --------------------------------------------------------------------------------------------- */

typedef enum gemmact_type {
  GEMMACT_F32 = 1,
  GEMMACT_F16,
  GEMMACT_BF16,
  GEMMACT_E4M3, /* 8-bit float, 4 exponent bits, no infinities (OCP "FN"); conversion saturates to +-448 */
  GEMMACT_E5M2, /* reserved */
  GEMMACT_U8,   /* winners of a maxout */
  GEMMACT_BIT   /* element j of a row is bit j mod 32 of its 32-bit word floor(j / 32); ld is a multiple of 32; the spare
                 * bits of a row's last word are written as 0 and never read */
} gemmact_type;

typedef enum gemmact_compute {
  GEMMACT_COMPUTE_STRICT = 0, /* f32 operands are multiplied as f32; all sums are in f32 */
  GEMMACT_COMPUTE_TF32,       /* f32 operands are rounded to tf32 (nearest, ties away) before they are multiplied; other
                               * types: as STRICT */
  GEMMACT_COMPUTE_FP8_FAST    /* e4m3 products may be summed in the hardware's short accumulator; other types: as STRICT */
} gemmact_compute;

typedef enum gemmact_accuracy {
  GEMMACT_ACCURATE = 0, /* bounds: docs/activations.md; never depends on the shape */
  GEMMACT_FAST          /* looser documented bounds, fewer special-function instructions */
} gemmact_accuracy;

typedef enum gemmact_operation {
  GEMMACT_FORWARD = 1,     /* Y = f(z) + R */
  GEMMACT_ACTIVATION_GRAD, /* dZ = dY o f'(z), with the sums for the bias and the parameters */
  GEMMACT_INPUT_GRAD,      /* dX = dZ W, optionally dZ of the layer below: dX o f_below' */
  GEMMACT_WEIGHT_GRAD,     /* dW (+)= dZ^T X, with db = column sums of dZ */
  GEMMACT_NETWORK          /* reserved */
} gemmact_operation;

typedef enum gemmact_combine {
  GEMMACT_PLAIN = 0,
  GEMMACT_GATED, /* f(z_0) o z_1, W index 0 the gate, 1 the value */
  GEMMACT_MAXOUT /* max over `pieces` of z_i; ties go to the lowest index; NaN wins, the first NaN */
} gemmact_combine;

typedef enum gemmact_batching {
  GEMMACT_BATCH_STRIDED = 0,
  GEMMACT_BATCH_POINTERS, /* reserved */
  GEMMACT_BATCH_GROUPED   /* reserved */
} gemmact_batching;

typedef enum gemmact_keep {
  GEMMACT_KEEP_AUTO = 0, /* what gemmact_resolve_keep says; a forward that lists no KEPT keeps nothing (inference) */
  GEMMACT_KEEP_NOTHING,
  GEMMACT_KEEP_BIT,    /* on which side of its breakpoint z lies */
  GEMMACT_KEEP_OUTPUT, /* f(z), before the residual */
  GEMMACT_KEEP_Z,      /* z; gated: z_0 and z_1 at indices 0 and 1 */
  GEMMACT_KEEP_INDEX   /* a maxout's winner, U8 */
} gemmact_keep;

typedef enum gemmact_order { GEMMACT_ROW_MAJOR = 0, GEMMACT_COLUMN_MAJOR } gemmact_order;

typedef enum gemmact_extent {
  GEMMACT_EACH = 0,   /* a matrix */
  GEMMACT_SCALAR,     /* one value (a batch entry, where batch_stride is not 0) */
  GEMMACT_PER_COLUMN, /* one value a column, contiguous */
  GEMMACT_PER_ROW,    /* one value a row, contiguous */
  GEMMACT_PER_BLOCK   /* reserved */
} gemmact_extent;

/* Which tensor of the layer. `index` in a tensor or binding: 0 gate, 1 value of a gated pair; the piece of a maxout; the
 * number of a parameter (GEMMACT_PARAM, GEMMACT_DPARAM, GEMMACT_OPERAND); 0 otherwise. Shapes are logical, before `order`.
 *   slot        shape  in which operations (F forward, A activation_grad, I input_grad, W weight_grad); types
 *   X           m x k  F W; f32 f16 bf16 e4m3
 *   W           n x k  F I; as X; one an index
 *   BIAS        m x n by its extent (EACH, SCALAR, PER_COLUMN, PER_ROW)  F; f32 f16 bf16; one an index
 *   C           m x n  F; added to the product before f, times BETA if that is listed; f32 f16 bf16 e4m3; one an index
 *   RESIDUAL    m x n  F; added after f; f32 f16 bf16 e4m3
 *   Y           m x n  F out; f32 f16 bf16 e4m3
 *   Y_OTHER     m x n  F out; f32 f16 bf16 e4m3; activation "sigmoid" only: 1 - sigmoid(z), computed as sigmoid(-z),
 *                      without RESIDUAL and SCALE_Y
 *   TARGET      m x n by its extent (PER_ROW, EACH)  F A I(below); the targets t of "hinge"; f32 f16 bf16
 *   OPERAND     m x n by its extent (any)  F A I(below); an equation's parameter that has no default; f32 f16 bf16
 *   PARAM       SCALAR or PER_COLUMN (n values)  F A; replaces the value given in the activation's text; f32 f16 bf16
 *   KEPT        m x n  F out, A in, maxout's I and W in; BIT, U8, or f32 f16 bf16; one an index for a gated pair
 *   DY          m x n  A in; maxout's I and W in; f32 f16 bf16
 *   DZ          m x n  A out, I W in; f32 f16 bf16 e4m3; one an index (gated: 2; maxout's A: one a piece)
 *   DX          m x k  I out; f32 f16 bf16
 *   DW          n x k  W out; f32 f16 bf16; one an index; batch_stride 0: summed over the batch
 *   DBIAS       SCALAR, PER_COLUMN or PER_ROW sum of dZ  A W out; f32 f16 bf16; one an index; batch_stride 0: summed over the batch
 *   DPARAM      SCALAR or PER_COLUMN  A out; f32 f16 bf16; batch_stride 0: summed over the batch
 *   SCALE_X     SCALAR or PER_ROW (m)     F; multiplies X; f32
 *   SCALE_W     SCALAR or PER_COLUMN (n)  F; multiplies W; f32; one an index
 *   SCALE_Y     SCALAR  F; multiplies Y just before it is rounded to its type; f32
 *   AMAX_Y      SCALAR  F out; largest |Y| before SCALE_Y, over everything (a batch entry, with a batch_stride); f32
 *   ALPHA, BETA SCALAR  F; 1 if not listed; f32; BETA only together with C, which is read for BETA = 0 too: its NaN stays
 *   BELOW | ... of the layer below, whose output is this layer's X (m x k): KEPT in, PARAM in, TARGET in, OPERAND in,
 *               DZ out, DBIAS out, DPARAM out; I only, together with `below`
 */
typedef enum gemmact_slot {
  GEMMACT_X = 1,
  GEMMACT_W,
  GEMMACT_BIAS,
  GEMMACT_C,
  GEMMACT_RESIDUAL,
  GEMMACT_Y,
  GEMMACT_Y_OTHER,
  GEMMACT_TARGET,
  GEMMACT_OPERAND,
  GEMMACT_PARAM,
  GEMMACT_KEPT,
  GEMMACT_DY,
  GEMMACT_DZ,
  GEMMACT_DX,
  GEMMACT_DW,
  GEMMACT_DBIAS,
  GEMMACT_DPARAM,
  GEMMACT_SCALE_X,
  GEMMACT_SCALE_W,
  GEMMACT_SCALE_Y,
  GEMMACT_AMAX_Y,
  GEMMACT_ALPHA,
  GEMMACT_BETA,
  GEMMACT_BELOW = 0x100
} gemmact_slot;

/* Flags of a problem. An ACCUMULATE flag is ignored where the tensors of its name are not listed, GEMMACT_TRAIN_PARAMS
 * where said. */
#define GEMMACT_ALLOW_UNFUSED ((uint64_t)1 << 0)     /* several kernels may be used where one cannot (none does yet) */
#define GEMMACT_BATCH_INVARIANT ((uint64_t)1 << 1)   /* a row's result does not depend on m or on the other rows */
#define GEMMACT_VARIABLE_M ((uint64_t)1 << 2)        /* gemmact_operands.m gives the m of a run, at most the plan's */
#define GEMMACT_ACCUMULATE_DW ((uint64_t)1 << 3)     /* dW += instead of dW = */
#define GEMMACT_ACCUMULATE_DBIAS ((uint64_t)1 << 4)  /* also for BELOW | DBIAS */
#define GEMMACT_ACCUMULATE_DPARAM ((uint64_t)1 << 5) /* also for BELOW | DPARAM */
#define GEMMACT_TRAIN_PARAMS ((uint64_t)1 << 6)      /* forward: its backward will ask for DPARAM, so AUTO keeps z, and
                                                      * what is less is refused; activation_grad: as if DPARAM were
                                                      * listed; ignored for input_grad, weight_grad and a maxout */

/* One tensor of a problem: listed = used. */
typedef struct gemmact_tensor {
  uint32_t slot;        /* a gemmact_slot, GEMMACT_BELOW or-ed on for the layer below */
  uint32_t index;       /* see gemmact_slot */
  gemmact_type type;
  gemmact_order order;  /* of a matrix; masks and indices (BIT, U8) are row-major */
  gemmact_extent extent;
  uint32_t align_bytes; /* promised alignment of the data, a power of two; 0: that of its element (4 for BIT). On a GPU
                         * promise 16 for X and W where it holds and ld is a multiple of 16 bytes: kernels then copy 16
                         * bytes at a time, else only as many as divide all of these, down to one element, which takes up
                         * to 8 times the instructions, and Hopper's own kernels take such X and W alone. Promise 16 for
                         * Y, C, RESIDUAL and KEPT, too, which Hopper's kernels then move in whole rows. A run refuses
                         * data that breaks the promise. */
  int64_t ld;           /* elements from a row to the next (from a column to the next when column-major); 0: dense */
  int64_t batch_stride; /* elements from a batch entry to the next; 0: the same for all (outputs: only where said) */
} gemmact_tensor;

/* A layer's problem. Owned by the caller; read only during the call it is given to. */
typedef struct gemmact_problem {
  size_t struct_bytes;         /* sizeof(gemmact_problem) */
  gemmact_operation operation;
  gemmact_combine combine;
  uint32_t pieces;             /* of a maxout: 2 to 8; 0 otherwise */
  gemmact_batching batching;
  gemmact_compute compute;
  gemmact_accuracy accuracy;
  gemmact_keep keep;           /* of this layer */
  gemmact_keep keep_below;     /* of the layer below */
  uint64_t flags;              /* GEMMACT_ALLOW_UNFUSED ... */
  int64_t m, n, k;             /* each >= 1; m the largest that will be run when GEMMACT_VARIABLE_M is set */
  int64_t batch;               /* 0 counts as 1 */
  const char* activation;      /* "relu", "swish(beta=1.5)", "x * sigmoid(1.7 * x)"; null: "linear". A maxout has none */
  const char* below;           /* the activation of the layer below; null: none */
  const gemmact_tensor* tensors;
  size_t tensor_count;
  size_t tensor_bytes;         /* sizeof(gemmact_tensor) */
  gemmact_combine below_combine; /* GEMMACT_PLAIN, or GEMMACT_GATED: BELOW|KEPT and BELOW|DZ at indices 0 and 1 */
  uint32_t below_pieces;       /* reserved, 0 */
} gemmact_problem;

typedef struct gemmact_binding {
  uint32_t slot, index;
  void* data; /* device memory on a GPU, host memory on the CPU device */
} gemmact_binding;

/* The memory of one run: a binding for each tensor of the plan's problem. */
typedef struct gemmact_operands {
  size_t struct_bytes;         /* sizeof(gemmact_operands) */
  int64_t m;                   /* 0: the plan's; less only if the problem has GEMMACT_VARIABLE_M */
  const gemmact_binding* bindings;
  size_t count;
  size_t binding_bytes;        /* sizeof(gemmact_binding) */
  size_t workspace_bytes;      /* size of the workspace given to gemmact_run; 0: the caller vouches for it */
} gemmact_operands;

/* ---- Devices ----------------------------------------------------------------------------------------------------- */

/* A device and its caches; thread-safe. */
typedef struct gemmact_context gemmact_context;

/* Opens a device: "cpu", "cuda:0", or "describe:a100|l40s|h100|h200|b200" (one that is not here: it explains and plans,
 * and refuses to run). A GPU is used through its primary context, the one that the CUDA runtime uses, which stays
 * retained until the process ends; which context is current in the calling thread is left as it was, by every call. The
 * caller owns *context and destroys it after its plans. GEMMACT_BAD_DEVICE, GEMMACT_NO_DEVICE, GEMMACT_NO_DRIVER,
 * GEMMACT_DRIVER_TOO_OLD, GEMMACT_DEVICE_FAILED, GEMMACT_BAD_FILE (a pack), GEMMACT_NULL_ARGUMENT,
 * GEMMACT_OUT_OF_MEMORY. */
GEMMACT_API gemmact_status gemmact_context_create(const char* device, gemmact_context** context);

/* Frees the context; null is allowed. Its plans must be destroyed before, no call may be using it, and on a GPU its
 * runs must be done and the graphs that hold them not be launched again: its kernels are unloaded. */
GEMMACT_API void gemmact_context_destroy(gemmact_context* context);

typedef struct gemmact_device_info {
  size_t struct_bytes;
  char device[64];       /* as it was opened */
  char description[256]; /* model, instruction set or architecture, threads or multiprocessors */
  uint32_t can_run;      /* 0 for "describe:" devices */
  uint32_t threads;      /* CPU: worker threads, the caller's included */
} gemmact_device_info;

/* Fills *info, whose struct_bytes the caller has set. GEMMACT_NULL_ARGUMENT, GEMMACT_STRUCT_SIZE. */
GEMMACT_API gemmact_status gemmact_context_get_info(const gemmact_context* context, gemmact_device_info* info);

/* ---- The catalogue ----------------------------------------------------------------------------------------------- */

#define GEMMACT_MAX_PARAMS 4 /* no function of this version has more; a later version's may */

typedef struct gemmact_param_info {
  const char* name;
  float default_value;
  uint32_t trainable;   /* DPARAM may be asked for */
  uint32_t is_operand;  /* comes from a tensor (TARGET; of an equation OPERAND), has no default */
  uint32_t is_per_column; /* of an equation: PARAM and DPARAM are PER_COLUMN, else they are SCALAR */
} gemmact_param_info;

typedef struct gemmact_activation_info {
  size_t struct_bytes;
  const char* name;
  const char* aliases;    /* separated by spaces, "" if none */
  const char* formula;    /* in x and the parameters; of an equation the form that is computed */
  const char* derivative;
  const char* note;       /* conventions, corrections of the literature; of an equation what was rewritten; may be "" */
  gemmact_keep needs;     /* the least that backward needs when no DPARAM is asked for */
  uint32_t has_grad_from_output; /* KEEP_OUTPUT is possible (for some parameter values) */
  uint32_t zero_at_zero;  /* f(0) = 0 */
  uint32_t param_count;
  const gemmact_param_info* params; /* param_count of them; null if there are none */
  size_t param_bytes;     /* from one of them to the next: this library's sizeof(gemmact_param_info) */
} gemmact_activation_info;

/* Number of functions in the catalogue. GEMMACT_NULL_ARGUMENT. */
GEMMACT_API gemmact_status gemmact_activation_count(size_t* count);

/* The function number `index`, in alphabetical order; texts are static. GEMMACT_BAD_SIZE, GEMMACT_STRUCT_SIZE. */
GEMMACT_API gemmact_status gemmact_activation_get_info(size_t index, gemmact_activation_info* info);

/* The function that a text means ("silu", "x * sigmoid(1.7 * x)"): *index in the catalogue, of an equation SIZE_MAX, and
 * its parameters' values, defaults filled in. `values`, null when value_count is 0, has room for at least as many; those
 * beyond are left alone. GEMMACT_UNKNOWN_ACTIVATION, GEMMACT_BAD_PARAMETER, GEMMACT_BAD_ACTIVATION_TEXT,
 * GEMMACT_EQUATION_UNSUPPORTED, GEMMACT_NULL_ARGUMENT, GEMMACT_BUFFER_TOO_SMALL (value_count). */
GEMMACT_API gemmact_status gemmact_activation_parse(const char* text, size_t* index, float* values, size_t value_count);

/* Fills *info, whose struct_bytes the caller has set, with the function that a text means (values in the text do not
 * replace its defaults). What info points to lies in the caller's `memory`, aligned as a pointer is: at most *bytes are
 * written, and *bytes becomes the number needed; memory may be null when *bytes is 0, and *info is left alone then.
 * Errors as gemmact_activation_parse, GEMMACT_STRUCT_SIZE, GEMMACT_MISALIGNED, GEMMACT_BUFFER_TOO_SMALL. */
GEMMACT_API gemmact_status gemmact_activation_describe(const char* text, gemmact_activation_info* info, void* memory,
                                                       size_t* bytes);

/* What GPUs' kernels are compiled with: of an equation a struct in C++, within namespace gemmact::activation, else the
 * function's file; written as gemmact_problem_explain writes. Errors as gemmact_activation_parse. */
GEMMACT_API gemmact_status gemmact_activation_source(const char* text, char* source, size_t* bytes);

/* Evaluates, on the host and by the CPU device's code, y[i] = f(x[i]) and dy_dx[i] = f'(x[i]) for i < count; either
 * output may be null. `values`: value_count numbers that replace the text's, as many as the function has parameters
 * (otherwise GEMMACT_BAD_PARAMETER), operands such as a hinge's target among them; or null with value_count 0. Errors
 * as gemmact_activation_parse, and GEMMACT_BAD_ENUM, GEMMACT_BAD_SIZE, GEMMACT_OVERLAP. */
GEMMACT_API gemmact_status gemmact_activation_evaluate(const char* text, const float* values, size_t value_count,
                                                       gemmact_accuracy accuracy, const float* x, size_t count, float* y,
                                                       float* dy_dx);

/* ---- Plans ------------------------------------------------------------------------------------------------------- */

/* One checked problem on one device: immutable; may be run from several threads, each with a workspace of its own. */
typedef struct gemmact_plan gemmact_plan;

/* What the forward layer should keep for backward, and in which type; the same on every device (docs/numerics.md).
 * Looks at operation, combine, activation, keep, GEMMACT_TRAIN_PARAMS (or a listed DPARAM) and Y's (forward) or DY's
 * type. GEMMACT_BAD_KEEP and the errors of a malformed problem. */
GEMMACT_API gemmact_status gemmact_resolve_keep(const gemmact_problem* problem, gemmact_keep* keep, gemmact_type* type);

/* Says what a plan for this problem would do here, or why there can be none, family by family. Writes at most *bytes
 * characters, the final 0 included, and sets *bytes to the number needed; text may be null when *bytes is 0. GEMMACT_OK
 * also when the problem is refused (the text says so). GEMMACT_BUFFER_TOO_SMALL when text was cut. */
GEMMACT_API gemmact_status gemmact_problem_explain(gemmact_context* context, const gemmact_problem* problem, char* text,
                                                   size_t* bytes);

/* Checks the problem, chooses the kernel, allocates, compiles and loads: all that may fail happens here. The caller
 * owns *plan; on failure it is null. Of a "describe:" device nothing is compiled. On a GPU whose kernel is not loaded
 * yet, it is refused while a stream that it can see is being captured (a blocking one, or the thread's default one),
 * which the refusal leaves intact, as loading leaves the captures that it cannot see. GEMMACT_NULL_ARGUMENT,
 * GEMMACT_STRUCT_SIZE, GEMMACT_BAD_ENUM, GEMMACT_BAD_SIZE, GEMMACT_BAD_TENSOR, GEMMACT_MISSING_TENSOR,
 * GEMMACT_UNEXPECTED_TENSOR, GEMMACT_UNKNOWN_ACTIVATION, GEMMACT_BAD_PARAMETER, GEMMACT_BAD_ACTIVATION_TEXT,
 * GEMMACT_EQUATION_UNSUPPORTED, GEMMACT_BAD_KEEP, GEMMACT_NOT_SUPPORTED, GEMMACT_NO_COMPILER, GEMMACT_COMPILE_FAILED,
 * GEMMACT_BAD_FILE, GEMMACT_STREAM_CAPTURING, GEMMACT_OUT_OF_MEMORY, GEMMACT_DEVICE_FAILED, GEMMACT_DEVICE_FAULT,
 * GEMMACT_INTERNAL. */
GEMMACT_API gemmact_status gemmact_plan_create(gemmact_context* context, const gemmact_problem* problem,
                                               gemmact_plan** plan);

/* Frees the plan; null is allowed. */
GEMMACT_API void gemmact_plan_destroy(gemmact_plan* plan);

typedef struct gemmact_plan_info {
  size_t struct_bytes;
  size_t workspace_bytes; /* size of the workspace of each run; its alignment is 256 bytes */
  size_t kept_bytes;      /* size of all KEPT tensors as listed, batch included */
  uint32_t launches;      /* kernels a run; 1 unless GEMMACT_ALLOW_UNFUSED was needed */
  gemmact_keep keep;      /* resolved */
  gemmact_type keep_type; /* resolved; 0 when nothing is kept */
  gemmact_keep keep_below;
  char family[32];
  char kernel[128];       /* the name that a profiler shows */
} gemmact_plan_info;

GEMMACT_API gemmact_status gemmact_plan_get_info(const gemmact_plan* plan, gemmact_plan_info* info);

/* Compiles and caches what these problems need, with that many threads (0: as many as the machine has). Stops at none:
 * the first failure is returned when all are done. */
GEMMACT_API gemmact_status gemmact_context_prewarm(gemmact_context* context, const gemmact_problem* const* problems,
                                                   size_t count, uint32_t threads);

/* Times the cheapest configurations for a problem on a GPU, on the operands' inputs, for about budget_ms of its time
 * (compiling apart, and never fewer than two configurations where there are two, seven times each), and keeps the times
 * in this context and, beside the compiled kernels, on the disk. Plans created from then on, in this context and in those
 * of any process with the same device, driver and library that first plan the problem then, for a problem that is the
 * same in every field, take the fastest; of several that cannot be told apart by their times, the one that would be taken
 * without them. A context that has planned the problem before need not look on the disk again. GEMMACT_PLAN still has its
 * way, and narrows what is timed; what plans have taken by earlier times is timed beside that. Plans that are there,
 * gemmact_linear's among them, stay what they are. gemmact_problem_explain shows the times.
 *
 * Nothing is written to the operands' memory: outputs go to memory of the call's own, which also has to hold the largest
 * workspace and twice the L2. The runs are in the default stream's order, at the operands' m, and done when it returns;
 * with GEMMACT_VARIABLE_M the last m that was tuned decides for the whole plan. A disk that keeps nothing is no failure;
 * `gemmact tune` tells of it. The CPU device, which has one candidate, only checks its arguments. Errors as
 * gemmact_plan_create and gemmact_run, and GEMMACT_BAD_SIZE (budget_ms). */
GEMMACT_API gemmact_status gemmact_tune(gemmact_context* context, const gemmact_problem* problem,
                                        const gemmact_operands* operands, double budget_ms);

/* Makes a workspace ready, once before its first run; every run leaves it ready. May be null when workspace_bytes is 0.
 * On a GPU it is done in the stream's order. GEMMACT_NULL_ARGUMENT, GEMMACT_MISALIGNED (256 bytes), GEMMACT_BAD_BINDING
 * (a stream on the CPU device). */
GEMMACT_API gemmact_status gemmact_workspace_init(const gemmact_plan* plan, void* workspace, void* stream);

/* Runs the plan: only launches (no allocation, no synchronisation, no load; capturable). On a GPU it returns when the
 * launch is queued on `stream`, a CUstream or cudaStream_t of the device's primary context, null for the legacy default
 * stream; memory is the device's. On the CPU device it returns when done, and stream must be null. The workspace is
 * free again when the run is done. In and out may be the same memory only as C = Y, RESIDUAL = Y (same type, order, ld,
 * stride), and where accumulated into. GEMMACT_BAD_BINDING, GEMMACT_NULL_ARGUMENT, GEMMACT_MISALIGNED, GEMMACT_OVERLAP,
 * GEMMACT_BAD_SIZE (m), GEMMACT_BUFFER_TOO_SMALL (workspace), GEMMACT_NO_DEVICE ("describe:"), GEMMACT_DEVICE_FAILED
 * (the message says whether the device can still be used), GEMMACT_DEVICE_FAULT (it cannot, because of earlier work),
 * GEMMACT_STREAM_CAPTURING (the default stream, beside another that is being captured). */
GEMMACT_API gemmact_status gemmact_run(const gemmact_plan* plan, const gemmact_operands* operands, void* workspace,
                                       void* stream);

/* The common case in one call: y = activation(x w^T + bias), all dense row-major and of one type, bias (n) may be null.
 * The context keeps the plan for the next call of the same shape, and on the CPU device its workspace; on a GPU a plan
 * is also of the alignment that x and w share (at most 16 bytes), and a kernel is taken that needs no workspace, where
 * one can be had: for few rows or columns and a long k, a plan of your own may be faster. While `stream` is being captured,
 * a call that has no plan of its shape, of its alignment or a lesser one, or that needs a workspace is refused and the
 * capture goes on. Errors as gemmact_plan_create and gemmact_run. */
GEMMACT_API gemmact_status gemmact_linear(gemmact_context* context, const char* activation, const void* x, const void* w,
                                          const void* bias, void* y, int64_t m, int64_t n, int64_t k, gemmact_type type,
                                          void* stream);

#ifdef __cplusplus
}
#endif
#endif /* GEMMACT_GEMMACT_H */
