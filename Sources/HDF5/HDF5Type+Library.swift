@preconcurrency import CHDF5

extension HDF5Type {
  /// What the library's type is, in our terms. Call it under the lock.
  init(of id: hid_t) {
    let size = H5Tget_size(id)
    switch H5Tget_class(id) {
    case H5T_INTEGER: self = Self.integer(size: size, signed: H5Tget_sign(id) == H5T_SGN_2)
    case H5T_FLOAT: self = Self.float(size: size)
    case H5T_STRING: self = .string
    case H5T_ENUM: self = Self.isBool(id) ? .bool : .other("enum")
    case H5T_COMPOUND: self = Self.complex(id) ?? .other("compound")
    case H5T_TIME: self = .other("time")
    case H5T_BITFIELD: self = .other("bitfield")
    case H5T_OPAQUE: self = .other("opaque")
    case H5T_REFERENCE: self = .other("reference")
    case H5T_VLEN: self = .other("variable-length array")
    case H5T_ARRAY: self = .other("array")
    default: self = .other("unknown type")
    }
  }

  private static func integer(size: Int, signed: Bool) -> HDF5Type {
    switch (size, signed) {
    case (1, true): .int8
    case (2, true): .int16
    case (4, true): .int32
    case (8, true): .int64
    case (1, false): .uint8
    case (2, false): .uint16
    case (4, false): .uint32
    case (8, false): .uint64
    default: .other("\(signed ? "int" : "uint")\(8 * size)")
    }
  }

  private static func float(size: Int) -> HDF5Type {
    switch size {
    case 4: .float32
    case 8: .float64
    default: .other("float\(8 * size)")
    }
  }

  private static func isBool(_ id: hid_t) -> Bool {
    guard H5Tget_size(id) == 1, H5Tget_nmembers(id) == 2 else { return false }
    for (name, expected) in [("FALSE", 0), ("TRUE", 1)] as [(String, Int8)] {
      var value: Int8 = -1
      guard H5Tenum_valueof(id, name, &value) >= 0, value == expected else { return false }
    }
    return true
  }

  /// Members are found by name, so their order in the file does not matter.
  private static func complex(_ id: hid_t) -> HDF5Type? {
    guard H5Tget_nmembers(id) == 2 else { return nil }
    let parts = ["r", "i"].map { name -> HDF5Type? in
      let index = H5Tget_member_index(id, name)
      guard index >= 0 else { return nil }
      let member = H5Tget_member_type(id, UInt32(index))
      defer { H5Tclose(member) }
      return HDF5Type(of: member)
    }
    return switch (parts[0], parts[1]) {
    case (.float32, .float32): .complex64
    case (.float64, .float64): .complex128
    default: nil
    }
  }

  /// The library's type for elements in memory, which is also what we write: all machines that Offprint runs on are
  /// little-endian. Negative for `.other`. Call it under the lock.
  func makeLibraryType() -> hid_t {
    switch self {
    case .float32: H5Tcopy(H5T_NATIVE_FLOAT_g)
    case .float64: H5Tcopy(H5T_NATIVE_DOUBLE_g)
    case .int8: H5Tcopy(H5T_NATIVE_INT8_g)
    case .int16: H5Tcopy(H5T_NATIVE_INT16_g)
    case .int32: H5Tcopy(H5T_NATIVE_INT32_g)
    case .int64: H5Tcopy(H5T_NATIVE_INT64_g)
    case .uint8: H5Tcopy(H5T_NATIVE_UINT8_g)
    case .uint16: H5Tcopy(H5T_NATIVE_UINT16_g)
    case .uint32: H5Tcopy(H5T_NATIVE_UINT32_g)
    case .uint64: H5Tcopy(H5T_NATIVE_UINT64_g)
    case .bool: Self.makeBool()
    case .string: Self.makeString()
    case .complex64: Self.makeComplex(of: H5T_NATIVE_FLOAT_g, size: 4)
    case .complex128: Self.makeComplex(of: H5T_NATIVE_DOUBLE_g, size: 8)
    case .other: -1
    }
  }

  private static func makeBool() -> hid_t {
    let id = H5Tenum_create(H5T_NATIVE_INT8_g)
    for (name, value) in [("FALSE", 0), ("TRUE", 1)] as [(String, Int8)] {
      withUnsafePointer(to: value) { _ = H5Tenum_insert(id, name, $0) }
    }
    return id
  }

  private static func makeString() -> hid_t {
    let id = H5Tcopy(H5T_C_S1_g)
    H5Tset_size(id, offprint_variable_length())
    H5Tset_cset(id, H5T_CSET_UTF8)
    return id
  }

  private static func makeComplex(of part: hid_t, size: Int) -> hid_t {
    let id = H5Tcreate(H5T_COMPOUND, 2 * size)
    H5Tinsert(id, "r", 0, part)
    H5Tinsert(id, "i", size, part)
    return id
  }
}
