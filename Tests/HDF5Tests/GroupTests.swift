@preconcurrency import CHDF5
import HDF5
import Testing

extension HDF5Tests {
  @Suite struct Groups {
    @Test func namesAreFoundListedAndDeleted() throws {
      try withRoundTrip { root in
        let group = try root.createGroup("b/c")
        #expect(try root.createGroup("b/c").path == "/b/c")
        try group.write([1.0], shape: [1], to: "x", layout: .contiguous)
        try group.write([2.0], shape: [1], to: "/a", layout: .contiguous)
        try root.write([3.0], shape: [1], to: "B", layout: .contiguous)
        try root.delete("B")
      } read: { root in
        #expect(try root.children == [HDF5Child(name: "a", kind: .dataset), HDF5Child(name: "b", kind: .group)])
        #expect(root.name == "/" && root.path == "/")
        let group = try root.group("b/c")
        #expect(group.name == "c" && group.path == "/b/c" && group.filePath == root.filePath)
        #expect(try group.dataset("x").path == "/b/c/x")
        #expect(try group.dataset("/a").read() == [2.0])
        for name in ["a", "b", "b/c/x", "/b//c/", "b/./c"] { #expect(root.contains(name), "\(name)") }
        for name in ["B", "b/d", "b/d/x", "a/x", "b/c/x/y"] { #expect(!root.contains(name), "\(name)") }
      }
    }

    @Test func refusals() throws {
      try withScratch { path in
        let file = try HDF5File.create(path)
        let root = file.root
        try root.write([1.0, 2], shape: [2], to: "g/x", layout: .contiguous)
        #expect(message { _ = try root.dataset("g/y") } == "cannot open /g/y in \(path): /g/y does not exist")
        #expect(message { _ = try root.dataset("h/y/z") } == "cannot open /h/y/z in \(path): /h does not exist")
        #expect(message { _ = try root.dataset("g") } == "cannot open /g in \(path): it is a group, not a dataset")
        #expect(message { _ = try root.group("g/x") } == "cannot open /g/x in \(path): it is a dataset, not a group")
        #expect(message { _ = try root.createGroup("g/x/y") }.hasSuffix("/g/x is a dataset"))
        #expect(message { try root.delete("h") } == "cannot delete /h in \(path): /h does not exist")
        #expect(
          message { try root.write([1.0], shape: [1], to: "g/x", layout: .contiguous) }.hasSuffix(
            "the name is taken: it is a dataset"))
        #expect(
          message { try root.write([1.0], shape: [2, 2], to: "y", layout: .contiguous) }
            == "cannot write /y in \(path): 1 values were given for shape [2, 2], which takes 4 values")
        #expect(message { try root.write([1.0], shape: [.max, 2], to: "y", layout: .contiguous) }.contains("more values than"))
        #expect(message { try root.write([1.0], shape: [-1, -1], to: "y", layout: .contiguous) }.contains("negative length"))
        #expect(
          message { try root.write([1.0], shape: [1], to: "y", layout: .chunked([1, 1])) }.contains(
            "chunk [1, 1] does not fit shape [1]"))
        #expect(message { try root.write([1.0], shape: [1], to: "y", layout: .chunked([1], deflate: 10)) }.contains("level 10"))
        #expect(
          message { try root.write(["a", "b\0"], shape: [2], to: "y", layout: .contiguous) }.contains(
            "text number 1 contains a NUL"))
        #expect(
          message { _ = try root.dataset("g/x").read(as: String.self) }
            == "cannot read /g/x in \(path): it holds float64, which cannot be read as str")
        #expect(
          message { _ = try root.dataset("g/x").read(as: Bool.self) }.hasSuffix("it holds float64, which cannot be read as bool"))
        #expect(
          message { try root.dataset("g/x").overwrite(["a", "b"]) }.hasSuffix(
            "it holds float64, into which str cannot be written"))
        #expect(!root.contains("y"), "a refused write leaves nothing behind")
        try file.close()
        #expect(message { _ = try root.children } == "cannot list / in \(path): the file is closed")
        #expect(message { _ = try root.dataset("g/x") }.hasSuffix("the file is closed"))
        #expect(!root.contains("g"))
      }
    }

    @Test func linksToOtherFilesAreReportedAndNotFollowed() throws {
      try withScratch { path in
        let other = path + ".other"
        let target = try HDF5File.create(other)
        try target.root.write([1.0], shape: [], to: "secret", layout: .contiguous)
        try target.close()
        let file = try HDF5File.create(path)
        try file.root.write([1.0], shape: [], to: "here", layout: .contiguous)
        try file.close()
        try addLinks(to: path, externalTarget: other)

        let linked = try HDF5File.open(path)
        let root = linked.root
        #expect(try root.children.map(\.kind) == [.softLink, .externalLink, .dataset, .softLink, .softLink])
        #expect(try root.dataset("soft").read() == [1.0])
        #expect(
          message { _ = try root.dataset("external") }
            == "cannot open /external in \(path): /external is a link to another file, and those are not followed")
        #expect(message { _ = try root.dataset("through") }.hasSuffix("/through is a link that leads nowhere"))
        #expect(message { _ = try root.dataset("dangling") }.hasSuffix("/dangling is a link that leads nowhere"))
        for name in ["external", "external/secret", "through", "dangling"] { #expect(!root.contains(name), "\(name)") }
        try linked.close()
      }
    }

    /// Adds what this module cannot make: `external` to a dataset of another file, `soft` to a dataset of this one, `through`
    /// to the external link, `dangling` to nothing. libhdf5 only makes links of a kind that it has a class for, and this module
    /// has taken that class away: a stand-in is registered for the moment.
    func addLinks(to path: String, externalTarget: String) throws {
      HDF5Library.locked {
        let file = H5Fopen(path, 1, 0)
        #expect(H5Lis_registered(H5L_TYPE_EXTERNAL) == 0, "soft links must not lead through external ones either")
        var standIn = H5L_class_t()
        standIn.version = 1
        standIn.id = H5L_TYPE_EXTERNAL
        standIn.trav_func = { _, _, _, _, _, _ in -1 }
        #expect(H5Lregister(&standIn) >= 0)
        let value: [UInt8] = [0] + Array(externalTarget.utf8) + [0] + Array("/secret".utf8) + [0]
        #expect(H5Lcreate_ud(file, "external", H5L_TYPE_EXTERNAL, value, value.count, 0, 0) >= 0)
        #expect(H5Lunregister(H5L_TYPE_EXTERNAL) >= 0)
        #expect(H5Lcreate_soft("/here", file, "soft", 0, 0) >= 0)
        #expect(H5Lcreate_soft("/external", file, "through", 0, 0) >= 0)
        #expect(H5Lcreate_soft("/nothing", file, "dangling", 0, 0) >= 0)
        H5Fclose(file)
      }
    }
  }
}
