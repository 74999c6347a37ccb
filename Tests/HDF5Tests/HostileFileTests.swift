@preconcurrency import CHDF5
import Foundation
import HDF5
import Testing

extension HDF5Tests {
  /// Files that lie: about where their data are, how much there is, and which group is in which.
  @Suite struct HostileFiles {
    /// Makes a file with the library's own functions, which know no shame.
    private func make(_ path: String, _ body: (_ file: hid_t) -> Void) {
      HDF5Library.locked {
        let list = H5Pcreate(H5P_CLS_FILE_ACCESS_ID_g)
        H5Pset_libver_bounds(list, H5F_LIBVER_EARLIEST, H5F_LIBVER_V110)
        let file = H5Fcreate(path, 2, 0, list)
        body(file)
        H5Fclose(file)
        H5Pclose(list)
      }
    }

    private func dataset(_ name: String, _ shape: [UInt64], _ type: hid_t, in file: hid_t, _ prepare: (hid_t) -> Void = { _ in })
    {
      let list = H5Pcreate(H5P_CLS_DATASET_CREATE_ID_g)
      prepare(list)
      let space = H5Screate_simple(Int32(shape.count), shape, nil)
      let made = H5Dcreate2(file, name, type, space, 0, list, 0)
      #expect(made >= 0, "\(name)")
      H5Dclose(made)
      H5Sclose(space)
      H5Pclose(list)
    }

    @Test func dataOfOtherFilesAreNotRead() throws {
      try withScratch { path in
        let secret = path + ".secret"
        try Data("the secret of the machine".utf8).write(to: URL(filePath: secret))
        let other = try HDF5File.create(path + ".other")
        try other.root.write([UInt8](0..<16), shape: [16], to: "x", layout: .contiguous)
        try other.close()
        make(path) { file in
          dataset("external", [16], H5T_NATIVE_UINT8_g, in: file) { H5Pset_external($0, secret, 0, 16) }
          dataset("virtual", [16], H5T_NATIVE_UINT8_g, in: file) { list in
            let space = H5Screate_simple(1, [16], nil)
            H5Pset_virtual(list, space, path + ".other", "x", space)
            H5Sclose(space)
          }
        }
        let file = try HDF5File.open(path)
        for name in ["external", "virtual"] {
          let dataset = try file.root.dataset(name)
          #expect(dataset.refusal == "its data lie in another file, and those are not followed")
          let expected = "cannot read /\(name) in \(path): its data lie in another file, and those are not followed"
          #expect(message { _ = try dataset.read(as: UInt8.self) } == expected)
          #expect(message { _ = try dataset.read(as: UInt8.self, offset: [0], count: [1]) } == expected)
          #expect(try dataset.byteOffset() == nil)
        }
        try file.close()
        let writable = try HDF5File.open(path, .readWrite)
        #expect(
          message { try writable.root.dataset("external").overwrite([UInt8](repeating: 0, count: 16)) }
            == "cannot write /external in \(path): its data lie in another file, and those are not touched")
        try writable.close()
        #expect(try Data(contentsOf: URL(filePath: secret)) == Data("the secret of the machine".utf8))
      }
    }

    /// The shape of such a virtual dataset follows from another file, which libhdf5 opens to find it out.
    @Test func noOtherFileIsOpenedForAShape() throws {
      try withScratch { path in
        let other = try HDF5File.create(path + ".other")
        try other.root.write([UInt8](0..<16), shape: [16], to: "x", layout: .contiguous)
        try other.close()
        make(path) { file in
          let unlimited: [hsize_t] = [hsize_t.max]
          let list = H5Pcreate(H5P_CLS_DATASET_CREATE_ID_g)
          let space = H5Screate_simple(1, [1], unlimited)
          H5Sselect_hyperslab(space, H5S_SELECT_SET, [0], [1], unlimited, [1])
          H5Pset_virtual(list, space, path + ".other", "x", space)
          let made = H5Dcreate2(file, "virtual", H5T_NATIVE_UINT8_g, space, 0, list, 0)
          #expect(made >= 0)
          H5Dclose(made)
          H5Sclose(space)
          H5Pclose(list)
        }
        let file = try HDF5File.open(path)
        #expect(try file.root.dataset("virtual").shape != [16])
        try file.close()
      }
    }

    @Test func promisesAreNotBelieved() throws {
      try withScratch { path in
        make(path) { file in
          dataset("huge", [1 << 40], H5T_NATIVE_DOUBLE_g, in: file) { H5Pset_chunk($0, 1, [1024]) }
          dataset("beyond", [1 << 31, 1 << 31, 0, 1 << 31], H5T_NATIVE_INT8_g, in: file)
          let type = H5Tcopy(H5T_C_S1_g)
          H5Tset_size(type, 1 << 30)
          dataset("texts", [1 << 10], type, in: file) { H5Pset_chunk($0, 1, [1]) }
          H5Tclose(type)
        }
        let file = try HDF5File.open(path)
        let huge = try file.root.dataset("huge")
        let words = "it promises 1099511627776 elements of 8 bytes, and the file holds 0 bytes of them"
        #expect(huge.refusal == words)
        #expect(message { _ = try huge.read(as: Double.self) } == "cannot read /huge in \(path): \(words)")
        #expect(
          message { _ = try huge.read(as: Double.self, offset: [5], count: [1 << 39]) }.contains(
            "it promises 549755813888 elements"))
        #expect(try huge.read(as: Double.self, offset: [1 << 39], count: [3]) == [0, 0, 0])
        #expect(try file.root.dataset("beyond").count == 0)
        #expect(message { _ = try file.root.dataset("texts").read(as: String.self) }.contains("it promises 1024 elements"))
        try file.close()
      }
    }

    @Test func circlesAndCrowdsAreWalkedOnce() throws {
      try withScratch { path in
        make(path) { file in
          var group = file
          var groups: [hid_t] = []
          for _ in 0..<40 {
            let below = H5Gcreate2(group, "a", 0, 0, 0)
            // Twice each level: a million million paths.
            H5Lcreate_hard(group, "a", group, "b", 0, 0)
            groups.append(below)
            group = below
          }
          H5Lcreate_hard(file, "/", group, "home", 0, 0)
          dataset("x", [2], H5T_NATIVE_INT8_g, in: group)
          H5Lcreate_soft("loop", file, "loop", 0, 0)
          for group in groups { H5Gclose(group) }
        }
        let file = try HDF5File.open(path)
        var seen: [String: Int] = [:]
        var (last, deepest) = ("", 0)
        try file.root.walk { step in
          switch step.thing {
          case .group: seen["group", default: 0] += 1
          case .dataset(let dataset): seen[dataset.name, default: 0] += 1
          case .metBefore(let path):
            seen["before", default: 0] += 1
            if step.name == "home" { last = path }
          case .other(let kind): seen["\(kind)", default: 0] += 1
          case .tooDeep: seen["deep", default: 0] += 1
          }
          deepest = max(deepest, step.depth)
        }
        #expect(seen == ["group": 40, "before": 41, "x": 1, "softLink": 1] && last == "/" && deepest == 40)
        try file.close()
      }
    }

    @Test func theDepthOfAWalkEnds() throws {
      try withScratch { path in
        make(path) { file in
          var group = H5Gcreate2(file, "g", 0, 0, 0)
          for _ in 0..<3000 {
            let below = H5Gcreate2(group, "g", 0, 0, 0)
            H5Gclose(group)
            group = below
          }
          H5Gclose(group)
        }
        let file = try HDF5File.open(path)
        var (groups, tooDeep) = (0, 0)
        try file.root.walk { step in
          if case .tooDeep = step.thing { tooDeep += 1 } else { groups += 1 }
        }
        #expect(groups == 99 && tooDeep == 1)
        try file.close()
      }
    }

    @Test func onlyRegularFilesAreOpened() throws {
      try withScratch { path in
        #expect(mkfifo(path, 0o600) == 0)
        #expect(message { _ = try HDF5File.open(path) } == "cannot open \(path): it is no regular file")
      }
    }
  }
}
