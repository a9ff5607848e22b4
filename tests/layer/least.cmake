# What each suite on the emulated GPU covers at least (coverage::shortfall), about three quarters of what it does: it prints all of
# it. A number that a change makes wrong is looked into before it is made smaller: a kernel may refuse what it took.
set(least_gemm_sm80_exact forward.gated:6 forward.maxout:3 forward.plain:154 input_grad.gated:33 input_grad.maxout:2
    input_grad.plain:38 input_grad_below.gated:42 input_grad_below.maxout:3 input_grad_below.plain:36
    weight_grad.gated:30 weight_grad.maxout:3 weight_grad.plain:60)
set(least_gemm_sm80_random forward.plain:173 input_grad_below.gated:14 input_grad_below.plain:49 weight_grad.gated:8
    weight_grad.plain:12)
set(least_gemm_sm80_special forward.plain:1716 input_grad.gated:90 input_grad.plain:114 input_grad_below.plain:244
    weight_grad.plain:45)
set(least_gemm_simt_exact forward.maxout:1 forward.plain:23 input_grad.gated:1 input_grad.plain:9
    input_grad_below.gated:2 input_grad_below.plain:7 weight_grad.gated:3 weight_grad.maxout:2 weight_grad.plain:7)
set(least_gemm_simt_random forward.plain:27 input_grad_below.plain:6 weight_grad.plain:2)
set(least_gemm_simt_special forward.gated:7 forward.plain:123 input_grad.gated:6 input_grad.maxout:1 input_grad.plain:17
    input_grad_below.gated:1 input_grad_below.plain:13 weight_grad.plain:10)
set(least_gemm_sm80_products_exact forward.gated:13 forward.maxout:3 forward.plain:77 input_grad.gated:15
    input_grad.maxout:5 input_grad.plain:16 input_grad_below.gated:24 input_grad_below.maxout:1
    input_grad_below.plain:21 weight_grad.gated:15 weight_grad.maxout:7 weight_grad.plain:28)
set(least_gemm_sm80_products_random forward.gated:3 forward.plain:90 input_grad_below.gated:5 input_grad_below.plain:27
    weight_grad.gated:3 weight_grad.plain:3)
set(least_gemm_sm90_exact_64 forward.gated:7 forward.plain:57 input_grad.gated:3 input_grad.plain:14
    input_grad_below.gated:3 input_grad_below.plain:9 weight_grad.gated:1 weight_grad.plain:16)
set(least_gemm_sm90_random_64 forward.plain:69 input_grad_below.gated:1 input_grad_below.plain:18 weight_grad.gated:2
    weight_grad.plain:5)
set(least_gemm_sm90_special_64 forward.plain:481 input_grad.plain:22 input_grad_below.plain:157 weight_grad.plain:22)
set(least_gemm_sm90_exact_32 forward.plain:5 input_grad.plain:1)
set(least_gemm_sm90_random_32 forward.plain:6 input_grad_below.plain:2)
set(least_gemm_sm90_special_32 forward.plain:54 input_grad_below.plain:33)
set(least_gemm_sm90_exact_128 forward.plain:3 input_grad.plain:2)
set(least_gemm_sm90_random_128 forward.plain:7 input_grad_below.plain:2 weight_grad.plain:1)
set(least_gemm_sm90_special_128 forward.plain:143)
set(least_gemm_simt_network activation_grad.plain:84 forward.gated:30 forward.maxout:9 forward.plain:252
    input_grad.plain:84 input_grad_below.plain:114 weight_grad.plain:169)
set(least_gemm_simt_sums input_grad_below.plain:4)
set(least_gemm_simt_parts weight_grad.plain:4)
set(least_gemm_sm80_network activation_grad.plain:15 forward.gated:15 forward.maxout:4 forward.plain:60
    input_grad.plain:15 input_grad_below.plain:15 weight_grad.plain:30)
set(least_gemm_sm80_sums input_grad_below.plain:4)
set(least_gemm_sm80_parts weight_grad.plain:4)
set(least_gemm_sm90_network activation_grad.plain:10 forward.gated:7 forward.maxout:4 forward.plain:51
    input_grad.plain:10 input_grad_below.plain:10 weight_grad.plain:21)
set(least_gemm_sm90_sums input_grad_below.plain:4)
set(least_gemm_sm90_parts weight_grad.plain:2)
set(least_gradient_pass_exact activation_grad.gated:138 activation_grad.maxout:136 activation_grad.plain:167)
set(least_gradient_pass_random activation_grad.gated:32 activation_grad.maxout:32 activation_grad.plain:148)
set(least_gradient_pass_special activation_grad.gated:202 activation_grad.maxout:67 activation_grad.plain:753)
set(least_gradient_pass_determinism activation_grad.gated:8 activation_grad.maxout:3 activation_grad.plain:13)
set(least_gemm_sm80_determinism forward.plain:18 input_grad.gated:1 input_grad_below.gated:3 input_grad_below.plain:1
    weight_grad.gated:3 weight_grad.plain:3)
set(least_tiles_exact forward.plain:72)
set(least_tiles_random forward.plain:10)
set(least_tiles_special forward.plain:10)
set(least_gemm_sm80_equation forward.gated:2 forward.plain:171 input_grad_below.gated:11 input_grad_below.plain:41)
set(least_gemm_simt_equation forward.gated:11 forward.plain:60 input_grad_below.gated:1 input_grad_below.plain:19)
set(least_gemm_sm80_products_equation forward.gated:14 forward.plain:77 input_grad_below.gated:4
    input_grad_below.plain:25)
set(least_gemm_sm90_equation_64 forward.gated:10 forward.plain:68 input_grad_below.plain:19)
set(least_gemm_sm90_equation_32 forward.plain:14 input_grad_below.plain:1)
set(least_gradient_pass_equation activation_grad.gated:40 activation_grad.plain:145)
set(least_every_equation forward.plain:280 activation_grad.plain:280)
