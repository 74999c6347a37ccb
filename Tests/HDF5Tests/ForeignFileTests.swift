@preconcurrency import CHDF5
import HDF5
import Testing

extension HDF5Tests {
  /// Datasets that other programs write and this module does not.
  @Suite struct ForeignFiles {
    /// Makes a dataset of one axis from raw bytes. Call it under the lock; takes over the type.
    func write(_ bytes: [UInt8], count: Int, type: hid_t, to name: String, in file: hid_t) {
      let space = H5Screate_simple(1, [hsize_t(count)], nil)
      let dataset = H5Dcreate2(file, name, type, space, 0, 0, 0)
      #expect(H5Dwrite(dataset, type, 0, 0, 0, bytes) >= 0)
      H5Dclose(dataset)
      H5Sclose(space)
      H5Tclose(type)
    }

    func fixedText(size: Int, padding: H5T_str_t) -> hid_t {
      let type = H5Tcopy(H5T_C_S1_g)
      H5Tset_size(type, size)
      H5Tset_strpad(type, padding)
      return type
    }

    func makeFile(_ path: String) {
      HDF5Library.locked {
        let file = H5Fcreate(path, 2, 0, 0)
        write(Array("ab\0\0abcd".utf8), count: 2, type: fixedText(size: 4, padding: H5T_STR_NULLPAD), to: "null", in: file)
        write(Array("a b     ".utf8), count: 2, type: fixedText(size: 4, padding: H5T_STR_SPACEPAD), to: "space", in: file)
        write([0x3F, 0xF8, 0, 0, 0, 0, 0, 0], count: 1, type: H5Tcopy(H5T_IEEE_F64BE_g), to: "big-endian", in: file)
        write([1, 2, 3, 4], count: 2, type: H5Tcopy(H5T_STD_U16LE_g), to: "uint16", in: file)
        let half = H5Tcopy(H5T_IEEE_F32LE_g)
        H5Tset_fields(half, 15, 10, 5, 0, 10)
        H5Tset_size(half, 2)
        H5Tset_ebias(half, 15)
        write([0, 0x3C], count: 1, type: half, to: "half", in: file)
        let bool = H5Tenum_create(H5T_NATIVE_INT8_g)
        for (name, value) in [("FALSE", 0), ("TRUE", 1)] as [(String, Int8)] {
          withUnsafePointer(to: value) { _ = H5Tenum_insert(bool, name, $0) }
        }
        write([0, 1, 2, 255], count: 4, type: bool, to: "bool", in: file)
        let (space, type) = (H5Screate(H5S_NULL), H5Tcopy(H5T_NATIVE_DOUBLE_g))
        H5Dclose(H5Dcreate2(file, "nothing", type, space, 0, 0, 0))
        H5Sclose(space)
        H5Tclose(type)
        H5Fclose(file)
      }
    }

    @Test func areReadOrRefusedInClearWords() throws {
      try withScratch { path in
        makeFile(path)
        let file = try HDF5File.open(path)
        let root = file.root
        #expect(try root.dataset("null").read() == ["ab", "abcd"])
        #expect(try root.dataset("space").read() == ["a b", ""])
        #expect(try root.dataset("big-endian").read() == [1.5])
        #expect(try root.dataset("big-endian").type == .float64)
        #expect(try root.dataset("big-endian").byteOffset() == nil)
        #expect(try root.dataset("uint16").type == .uint16)
        #expect(try root.dataset("uint16").read() == [513, 1027] as [Int32])
        #expect(try root.dataset("bool").read() == [false, true, true, true])
        #expect(try root.dataset("half").type == .other("float16"))
        #expect(
          message { _ = try root.dataset("half").read(as: Float.self) }
            .hasSuffix("it holds float16, which cannot be read as float32"))
        #expect(try root.dataset("nothing").shape == [0])
        #expect(try root.dataset("nothing").read(as: Double.self).isEmpty)
        try file.close()
      }
    }
  }
}
