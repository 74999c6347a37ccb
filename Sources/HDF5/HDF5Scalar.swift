import ComplexModule

/// A Swift type whose values are stored as elements of datasets and attributes.
///
/// The types below are all there are: the module relies on each one's layout in memory being that of its ``hdf5Type``.
public protocol HDF5Scalar: Sendable {
  /// What the values become on disk.
  static var hdf5Type: HDF5Type { get }
}

/// A scalar of fixed size, whose arrays go to the library and come from it as they lie in memory: all but `String`.
public protocol HDF5FixedSizeScalar: HDF5Scalar {}

extension Float: HDF5FixedSizeScalar {
  /// `float32`.
  public static var hdf5Type: HDF5Type { .float32 }
}

extension Double: HDF5FixedSizeScalar {
  /// `float64`.
  public static var hdf5Type: HDF5Type { .float64 }
}

extension Int32: HDF5FixedSizeScalar {
  /// `int32`.
  public static var hdf5Type: HDF5Type { .int32 }
}

extension Int64: HDF5FixedSizeScalar {
  /// `int64`.
  public static var hdf5Type: HDF5Type { .int64 }
}

extension UInt8: HDF5FixedSizeScalar {
  /// `uint8`.
  public static var hdf5Type: HDF5Type { .uint8 }
}

extension Bool: HDF5FixedSizeScalar {
  /// `bool`.
  public static var hdf5Type: HDF5Type { .bool }
}

extension String: HDF5Scalar {
  /// `str`: variable length, UTF-8. A text with a NUL character cannot be stored; text on disk that is not UTF-8 is repaired
  /// in reading.
  public static var hdf5Type: HDF5Type { .string }
}

extension Complex: HDF5Scalar where RealType: HDF5ComplexPart {
  /// `complex64` or `complex128`.
  public static var hdf5Type: HDF5Type { RealType.hdf5ComplexType }
}

extension Complex: HDF5FixedSizeScalar where RealType: HDF5ComplexPart {}

/// `Float` and `Double`: what the parts of a complex number may be.
public protocol HDF5ComplexPart: HDF5FixedSizeScalar {
  /// What a complex number with such parts becomes on disk.
  static var hdf5ComplexType: HDF5Type { get }
}

extension Float: HDF5ComplexPart {
  /// `complex64`.
  public static var hdf5ComplexType: HDF5Type { .complex64 }
}

extension Double: HDF5ComplexPart {
  /// `complex128`.
  public static var hdf5ComplexType: HDF5Type { .complex128 }
}
