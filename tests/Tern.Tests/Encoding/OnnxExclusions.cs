namespace Tern.Tests.Encoding;

/// <summary>Tests of ONNX's suite that are made of operators we run but lie outside what we claim of them.</summary>
internal static class OnnxExclusions
{
    private static readonly (string Reason, string[] Tests)[] Groups =
    [
        ("float16, string and the integers other than uint8, int32 and int64",
        [
            "node/test_bitshift_left_uint16", "node/test_bitshift_left_uint32", "node/test_bitshift_left_uint64",
            "node/test_bitshift_right_uint16", "node/test_bitshift_right_uint32", "node/test_bitshift_right_uint64",
            "node/test_cast_BFLOAT16_to_FLOAT", "node/test_cast_DOUBLE_to_FLOAT16", "node/test_cast_FLOAT16_to_DOUBLE",
            "node/test_cast_FLOAT16_to_FLOAT", "node/test_cast_FLOAT_to_BFLOAT16", "node/test_cast_FLOAT_to_FLOAT16",
            "node/test_cast_FLOAT_to_STRING", "node/test_cast_STRING_to_FLOAT", "node/test_castlike_BFLOAT16_to_FLOAT_expanded",
            "node/test_castlike_DOUBLE_to_FLOAT16_expanded", "node/test_castlike_FLOAT16_to_DOUBLE_expanded",
            "node/test_castlike_FLOAT16_to_FLOAT_expanded", "node/test_castlike_FLOAT_to_BFLOAT16_expanded",
            "node/test_castlike_FLOAT_to_FLOAT16_expanded", "node/test_castlike_FLOAT_to_STRING_expanded",
            "node/test_castlike_STRING_to_FLOAT_expanded", "node/test_clip_default_int8_inbounds", "node/test_clip_default_int8_max",
            "node/test_clip_default_int8_min", "node/test_max_float16", "node/test_max_int16", "node/test_max_int8",
            "node/test_max_uint16", "node/test_max_uint32", "node/test_max_uint64", "node/test_min_float16", "node/test_min_int16",
            "node/test_min_int8", "node/test_min_uint16", "node/test_min_uint32", "node/test_min_uint64",
            "node/test_mod_mixed_sign_float16", "node/test_mod_mixed_sign_int16", "node/test_mod_mixed_sign_int8", "node/test_mod_uint16",
            "node/test_mod_uint32", "node/test_mod_uint64", "node/test_pow_types_float32_uint32", "node/test_pow_types_float32_uint64",
        ]),
        ("one or three spatial axes; images have two",
        [
            "node/test_averagepool_1d_default", "node/test_averagepool_3d_default", "node/test_maxpool_1d_default",
            "node/test_maxpool_3d_default", "pytorch-converted/test_AvgPool3d", "pytorch-converted/test_AvgPool3d_stride",
            "pytorch-converted/test_AvgPool3d_stride1_pad0_gpu_input", "pytorch-converted/test_Conv1d",
            "pytorch-converted/test_Conv1d_dilated", "pytorch-converted/test_Conv1d_groups", "pytorch-converted/test_Conv1d_pad1",
            "pytorch-converted/test_Conv1d_pad1size1", "pytorch-converted/test_Conv1d_pad2", "pytorch-converted/test_Conv1d_pad2size1",
            "pytorch-converted/test_Conv1d_stride", "pytorch-converted/test_Conv3d", "pytorch-converted/test_Conv3d_dilated",
            "pytorch-converted/test_Conv3d_dilated_strided", "pytorch-converted/test_Conv3d_groups",
            "pytorch-converted/test_Conv3d_no_bias", "pytorch-converted/test_Conv3d_stride",
            "pytorch-converted/test_Conv3d_stride_padding", "pytorch-converted/test_MaxPool1d", "pytorch-converted/test_MaxPool1d_stride",
            "pytorch-converted/test_MaxPool1d_stride_padding_dilation", "pytorch-converted/test_MaxPool3d",
            "pytorch-converted/test_MaxPool3d_stride", "pytorch-converted/test_MaxPool3d_stride_padding",
            "pytorch-operator/test_operator_maxpool",
        ]),
        ("written for opset 6, where broadcasting and inference were asked for by attributes",
        [
            "pytorch-converted/test_BatchNorm1d_3d_input_eval", "pytorch-converted/test_BatchNorm2d_eval",
            "pytorch-converted/test_BatchNorm2d_momentum_eval", "pytorch-converted/test_BatchNorm3d_eval",
            "pytorch-converted/test_BatchNorm3d_momentum_eval", "pytorch-converted/test_Linear",
            "pytorch-converted/test_PReLU_1d_multiparam", "pytorch-converted/test_PReLU_2d_multiparam",
            "pytorch-converted/test_PReLU_3d_multiparam", "pytorch-converted/test_Softsign",
            "pytorch-operator/test_operator_add_broadcast", "pytorch-operator/test_operator_add_size1_broadcast",
            "pytorch-operator/test_operator_add_size1_right_broadcast", "pytorch-operator/test_operator_add_size1_singleton_broadcast",
            "pytorch-operator/test_operator_addconstant", "pytorch-operator/test_operator_addmm", "pytorch-operator/test_operator_mm",
        ]),
        ("training",
        [
            "node/test_batchnorm_epsilon_training_mode", "node/test_batchnorm_example_training_mode", "node/test_training_dropout",
            "node/test_training_dropout_default", "node/test_training_dropout_default_mask", "node/test_training_dropout_mask",
            "node/test_training_dropout_zero_ratio", "node/test_training_dropout_zero_ratio_mask",
        ]),
        ("arithmetic in double",
        [
            "node/test_max_float64", "node/test_min_float64", "node/test_mod_mixed_sign_float64",
        ]),
        ("sequences and optionals",
        [
            "node/test_identity_opt", "node/test_identity_sequence",
        ]),
        ("the indices of MaxPool",
        [
            "node/test_maxpool_with_argmax_2d_precomputed_pads", "node/test_maxpool_with_argmax_2d_precomputed_strides",
        ]),
        ("pooling of uint8",
        [
            "node/test_maxpool_2d_uint8",
        ]),
    ];

    /// <summary>Every excluded test with its reason.</summary>
    public static IReadOnlyDictionary<string, string> Reasons { get; } = Groups
        .SelectMany(group => group.Tests.Select(test => (test, group.Reason)))
        .ToDictionary(pair => pair.test, pair => pair.Reason);
}
