"""What a kernel tells its compiler and its processor beside the computation; nothing here changes a number.

In plain Python these functions do nothing.
"""

from __future__ import annotations

from typing import Any, Final

from pension._compile import PLAIN

NOT_NEGATIVE: Final = 2**63 - 1
"""``i & NOT_NEGATIVE`` is i, and lets the compiler leave out that Python counts a negative index from the end, which
costs as much as the access itself; for the arrays of the loop over all records."""


def _nothing(array: Any, index: Any) -> None:
    """Plain Python has nothing to wait for."""


def _itself(array: Any, shape: Any) -> Any:
    """Plain Python knows shapes."""
    return array


def _compiled() -> tuple[Any, Any]:
    from numba.core import cgutils as builder_tools
    from numba.core import imputils as implementations
    from numba.core import types
    from numba.extending import intrinsic

    cgutils: Any = builder_tools  # without types of their own
    imputils: Any = implementations

    @intrinsic
    def prefetch(typing: Any, array: Any, index: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            of_array, of_index = signature.args
            found = context.make_array(of_array)(context, builder, arguments[0])
            indices = cgutils.unpack_tuple(builder, arguments[1], of_index.count)
            pointer = cgutils.get_item_pointer(context, builder, of_array, found, indices)
            pointer = builder.bitcast(pointer, cgutils.voidptr_t)
            number = cgutils.int32_t
            kind = cgutils.ir.FunctionType(cgutils.ir.VoidType(), [cgutils.voidptr_t, number, number, number])
            function = builder.module.declare_intrinsic("llvm.prefetch", [cgutils.voidptr_t], kind)
            # To be read (0), kept in all caches (3), data (1).
            builder.call(function, [pointer, number(0), number(3), number(1)])
            return context.get_dummy_value()

        return types.void(array, index), generate

    @intrinsic
    def shaped(typing: Any, array: Any, shape: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            of_array, of_shape = signature.args
            found = context.make_array(of_array)(context, builder, arguments[0])
            lengths = cgutils.unpack_tuple(builder, arguments[1], of_shape.count)
            strides = [context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(of_array.dtype)))]
            for length in reversed(lengths[1:]):
                strides.insert(0, builder.mul(strides[0], length))
            found.shape = cgutils.pack_array(builder, lengths)
            found.strides = cgutils.pack_array(builder, strides)
            return imputils.impl_ret_borrowed(context, builder, signature.return_type, found._getvalue())

        return array(array, shape), generate

    return prefetch, shaped


prefetch, shaped = (_nothing, _itself) if PLAIN else _compiled()
"""``prefetch(array, (i, j))`` starts to fetch an element that will be read soon; an index that does not exist does no
harm. ``shaped(array, (n, m))`` is the contiguous array with its shape, which the compiler then takes for constant where
the lengths are: an access costs fewer loads and multiplications."""
