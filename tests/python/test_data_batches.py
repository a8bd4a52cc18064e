"""What a model is fed: numpy and DLPack without a copy, and what is refused."""

import holdfast as hf
import numpy as np
import pytest
from holdfast import _core

DTYPES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_is_borrowed(dtype):
    x = np.arange(12).reshape(3, 4).astype(dtype)
    for view in (x, x[1:], x[:, ::2], x[::-1], x.T, np.asfortranarray(x), x[:0]):
        seen = _core._batch_probe(view)
        if view.size:
            assert seen["address"] == view.ctypes.data
        assert seen["rows"] == view.shape[0]
        assert seen["tensor"] == f"{dtype}{list(view.shape)}"
        assert seen["values"].dtype == view.dtype
        np.testing.assert_array_equal(seen["values"], view)


def test_numpy_that_must_be_copied():
    packed = np.zeros(3, dtype=[("flag", "u1"), ("x", "<f8", (2,))])
    packed["x"] = np.arange(6.0).reshape(3, 2)
    x = np.arange(6.0).reshape(3, 2)
    for odd in (packed["x"], x.astype(">f8"), x.astype("float16")):
        np.testing.assert_array_equal(_core._batch_probe(odd)["values"], odd.astype("float64"))


def test_read_only_numpy():
    x = np.ones((2, 2))
    x.flags.writeable = False
    assert _core._batch_probe(x)["address"] == x.ctypes.data


@pytest.mark.parametrize("x", [np.array([["a", "bc"], ["grün", ""]]), np.array([["a", "b"]], dtype=object)])
def test_text(x):
    assert _core._batch_probe(x)["values"].tolist() == x.tolist()


def test_frames_become_tables():
    seen = _core._batch_probe({"x": np.arange(3.0)})
    assert seen["rows"] == 3 and seen["table"].columns == ["x"]


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (
            np.ones(3),
            hf.InvalidArgument,
            r"X: float64[3] given, [rows, columns] wanted: reshape(1, -1) makes it one row",
        ),
        (np.float64(1), hf.InvalidArgument, "given"),
        (np.array(1.0), hf.InvalidArgument, "float64[] given"),
        (np.ones((1,) * 9), hf.InvalidArgument, "rank 9 given, at most 8 wanted"),
        (np.ones((2, 2), "complex128"), hf.Unsupported, "complex128"),
        (np.ones((2, 2), "longdouble"), hf.Unsupported, "float128"),
        (np.array([[1, "a"]], dtype=object), hf.InvalidArgument, "that holds int given"),
        (np.zeros((2, 2), "datetime64[s]"), hf.Unsupported, "datetime64[s]"),
        (np.zeros((2, 2), "S3"), hf.Unsupported, "|S3"),
        (np.ma.masked_array(np.ones((2, 2))), hf.InvalidArgument, "masked"),
        ([[1.0]], hf.InvalidArgument, "X: list given"),
        ("x.csv", hf.InvalidArgument, "X: str given"),
    ],
)
def test_refusals_name_the_thing(data, error, message):
    with pytest.raises(error) as caught:
        _core._batch_probe(data)
    assert message in str(caught.value)


class TestTorch:
    torch = property(lambda self: pytest.importorskip("torch"))

    @pytest.mark.parametrize("dtype", [name for name in DTYPES if name[:5] not in ("uint1", "uint3", "uint6")])
    def test_is_borrowed(self, dtype):
        x = self.torch.arange(12).reshape(3, 4).to(getattr(self.torch, dtype))
        for view in (x, x[1:], x[:, ::2], x.T):
            seen = _core._batch_probe(view)
            assert seen["address"] == view.data_ptr()
            assert seen["tensor"].startswith(dtype)
            np.testing.assert_array_equal(seen["values"], view.numpy())

    def test_vector_as_a_column(self):
        x = self.torch.arange(4.0)
        assert _core._address(hf.Table({"x": x}), "x") == x.data_ptr()

    def test_refusals(self):
        torch = self.torch
        cases = [
            (torch.ones(2, 2, requires_grad=True), hf.Unsupported, "requires gradients"),
            (torch.ones(2, 2, dtype=torch.complex64).conj(), hf.Unsupported, "conjugate"),
            (torch.ones(2, 2, dtype=torch.complex64), hf.Unsupported, "complex64"),
            (torch.ones(2, 2, dtype=torch.bfloat16), hf.Unsupported, "bfloat16"),
            (torch.ones(2, 2, dtype=torch.float16), hf.Unsupported, "float16"),
            (torch.ones(2, 2, device="meta"), hf.Unsupported, "CPU wanted"),
            (torch.eye(2).to_sparse(), hf.Unsupported, "DLPack cannot carry"),
            (torch.ones(3), hf.InvalidArgument, "float32[3] given, [rows, columns] wanted"),
        ]
        for tensor, error, message in cases:
            with pytest.raises(error) as caught:
                _core._batch_probe(tensor)
            assert message in str(caught.value)


class Producer:
    """numpy's DLPack export behind another type."""

    def __init__(self, array, device=(1, 0), versioned=True):
        self.array, self.device, self.versioned = array, device, versioned

    def __dlpack__(self, **arguments):
        if arguments and not self.versioned:
            raise TypeError("unexpected keyword")
        return self.array.__dlpack__(**arguments)

    def __dlpack_device__(self):
        return self.device


@pytest.mark.parametrize("versioned", [True, False])
def test_any_dlpack_producer(versioned):
    x = np.arange(6.0).reshape(2, 3)
    seen = _core._batch_probe(Producer(x, versioned=versioned))
    assert seen["address"] == x.ctypes.data
    np.testing.assert_array_equal(seen["values"], x)


def test_dlpack_of_another_device():
    with pytest.raises(hf.Unsupported, match="device type 2 given, the CPU wanted"):
        _core._batch_probe(Producer(np.ones((2, 2)), device=(2, 0)))


def test_dlpack_that_is_none():
    class Odd(Producer):
        def __dlpack__(self, **arguments):
            return 3

    with pytest.raises(hf.InvalidArgument, match="int given by __dlpack__, a capsule"):
        _core._batch_probe(Odd(None))
