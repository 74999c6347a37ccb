@preconcurrency import CHDF5
import Foundation
import HDF5

/// Results into which something was built that no writer of ours makes, each tried with every command that reads a file.
struct BuiltFile: Sendable {
  /// As the table names it; several files make a row.
  var row: String
  /// Whether it is tried with the commands that look at all results too, and in every form that texts take.
  var isForEverything = false
  /// What is done to a copy of a result.
  var build: @Sendable (_ path: String) throws -> Void

  private static let circles = "groups linked in circles, 2^40 paths, 5,000 levels deep"
  private static let elsewhere = "external links, external storage, virtual datasets"
  private static let promises = "2^40 elements promised, scales and texts of other lengths"
  private static let types = "attributes of other types, parts that are missing"

  static func tried(on source: String, in folder: String) throws -> [Fault] {
    let all = try files(like: source) + HostileStrings.files
    let paper = try HDF5File.open(source).root.attributes.get("slug", as: String.self)
    let reading = [["inspect"], ["claims", "--long"], ["figures", "--terminal", "svg"], ["compare", source]]
    let showing = [
      ["inspect", "--json"], ["figures", "--terminal", "cairolatex", "--data"], ["compare", "--figure", source],
      ["export", "--notebook", "--output", "notebook.ipynb"],
    ]
    let results = try HostileFiles.inParallel(all.count) { number -> [(outcome: String, wrong: String?)] in
      let path = "\(folder)/built-\(number).h5"
      try FileManager.default.copyItem(atPath: source, toPath: path)
      do {
        try all[number].build(path)
      } catch {
        return [(outcome: "", wrong: "built-\(number) could not be built: \(error)")]
      }
      let trial = try HostileTrial(Data(contentsOf: URL(filePath: path)), in: "\(folder)/built-\(number)")
      defer { trial.remove() }
      let tried = try (reading + (all[number].isForEverything ? showing : [])).map { try trial.run($0) }
      return try tried + (all[number].isForEverything ? [trial.runPages(of: paper)] : [])
    }
    var faults: [Fault] = []
    for (file, attempts) in zip(all, results) {
      if faults.last?.name != file.row { faults.append(Fault(file.row)) }
      for attempt in attempts { faults[faults.count - 1].count(attempt.outcome, unless: attempt.wrong) }
    }
    return faults
  }

  private static func files(like source: String) throws -> [BuiltFile] {
    let names = try HDF5File.open(source).root.attributes.names
    return [
      BuiltFile(row: circles) { try raw($0) { H5Lcreate_hard($0, "/", $0, "/traces/home", 0, 0) } },
      BuiltFile(row: circles) { try raw($0) { H5Lcreate_soft("/traces/loop", $0, "/traces/loop", 0, 0) } },
      BuiltFile(row: circles) { try nest($0, levels: 40, linkedTwice: true) },
      BuiltFile(row: circles) { try nest($0, levels: 5000, linkedTwice: false) },
      BuiltFile(row: elsewhere) { try raw($0) { linkOutside(from: $0, to: "/etc/passwd") } },
      BuiltFile(row: elsewhere) { try put($0, shape: [64]) { H5Pset_external($0, "/etc/passwd", 0, 512) } },
      BuiltFile(row: elsewhere) { path in
        try put(path, shape: [64]) { list in
          let space = H5Screate_simple(1, [64], nil)
          H5Pset_virtual(list, space, source, "/traces/x", space)
          H5Sclose(space)
        }
      },
      BuiltFile(row: promises) { try put($0, shape: [1 << 40]) { H5Pset_chunk($0, 1, [1024]) } },
      BuiltFile(row: promises) { try put($0, shape: [1 << 20, 1 << 20]) { H5Pset_chunk($0, 2, [1, 1]) } },
      BuiltFile(row: promises) { try put($0, shape: [1 << 30]) { H5Pset_chunk($0, 1, [1 << 28]) } },
      BuiltFile(row: promises) { try put($0, shape: [1 << 40, 1 << 40, 0]) { _ in } },
      BuiltFile(row: promises) { try rescale($0, length: 1) },
      BuiltFile(row: promises) { try rescale($0, length: 1 << 20) },
      BuiltFile(row: promises) { path in
        try change(path) { root in
          for text in ["", "[", "{}", "[[1e400]]", String(repeating: "[", count: 100_000)] {
            try root.dataset("settings").overwrite([text])
          }
        }
      },
    ]
      + names.flatMap { name in
        [
          BuiltFile(row: types) { try change($0) { try $0.attributes.set(name, to: [1, 2, 3]) } },
          BuiltFile(row: types) { try change($0) { try $0.attributes.set(name, to: "text") } },
          BuiltFile(row: types) { try change($0) { try $0.attributes.delete(name) } },
        ]
      }
      + ["traces", "tensors", "claims", "figures", "run", "settings", "data"].flatMap { name in
        [
          BuiltFile(row: types) { try change($0) { root in if root.contains(name) { try root.delete(name) } } },
          BuiltFile(row: types) { path in
            try change(path) { root in
              if root.contains(name) { try root.delete(name) }
              try root.write([1.0, 2.0], shape: [2], to: name, layout: .contiguous)
            }
          },
        ]
      }
  }

  // MARK: How

  static func change(_ path: String, _ body: (HDF5Group) throws -> Void) throws {
    let file = try HDF5File.open(path, .readWrite)
    try body(file.root)
    try file.close()
  }

  /// With the library's own functions.
  static func raw(_ path: String, _ body: (hid_t) -> herr_t) throws {
    try HDF5Library.locked {
      let file = H5Fopen(path, 1, 0)
      defer { H5Fclose(file) }
      guard body(file) >= 0 else { throw HDF5Error(operation: "build", path: path, message: "libhdf5 refused") }
    }
  }

  /// A trace of bytes with a layout of its own.
  private static func put(_ path: String, shape: [UInt64], _ prepare: (hid_t) -> Void) throws {
    try raw(path) { file in
      let list = H5Pcreate(H5P_CLS_DATASET_CREATE_ID_g)
      prepare(list)
      let space = H5Screate_simple(Int32(shape.count), shape, nil)
      let made = H5Dcreate2(file, "/traces/x", H5T_NATIVE_DOUBLE_g, space, 0, list, 0)
      H5Dclose(made)
      H5Sclose(space)
      H5Pclose(list)
      return made < 0 ? -1 : 0
    }
  }

  private static func nest(_ path: String, levels: Int, linkedTwice: Bool) throws {
    try raw(path) { file in
      var group = H5Gopen2(file, "/traces", 0)
      for _ in 0..<levels {
        let below = H5Gcreate2(group, "a", 0, 0, 0)
        if linkedTwice { H5Lcreate_hard(group, "a", group, "b", 0, 0) }
        H5Gclose(group)
        group = below
      }
      return H5Gclose(group)
    }
  }

  /// libhdf5 makes links of a kind that it has a class for, and our library has taken this one away: a stand-in is there for the moment.
  private static func linkOutside(from file: hid_t, to path: String) -> herr_t {
    var standIn = H5L_class_t()
    standIn.version = 1
    standIn.id = H5L_TYPE_EXTERNAL
    standIn.trav_func = { _, _, _, _, _, _ in -1 }
    H5Lregister(&standIn)
    let value: [UInt8] = [0] + Array(path.utf8) + [0] + Array("/secret".utf8) + [0]
    let result = H5Lcreate_ud(file, "/traces/outside", H5L_TYPE_EXTERNAL, value, value.count, 0, 0)
    H5Lunregister(H5L_TYPE_EXTERNAL)
    return result
  }

  /// Gives every trace another scale for its steps, of another length; libhdf5 lets it happen.
  private static func rescale(_ path: String, length: UInt64) throws {
    var scaled: [(dataset: String, scale: String)] = []
    let file = try HDF5File.open(path)
    try file.root.group("traces").walk { step in
      guard case .dataset(let dataset) = step.thing, !dataset.isScale else { return }
      if let scale = try dataset.scales(axis: 0).first { scaled.append((dataset.path, scale.path)) }
    }
    try file.close()
    try raw(path) { file in
      let space = H5Screate_simple(1, [length], nil)
      let wrong = H5Dcreate2(file, "/traces/wrong", H5T_NATIVE_DOUBLE_g, space, 0, 0, 0)
      H5DSset_scale(wrong, "step")
      for (dataset, scale) in scaled {
        let (dataset, scale) = (H5Dopen2(file, dataset, 0), H5Dopen2(file, scale, 0))
        H5DSdetach_scale(dataset, scale, 0)
        H5DSattach_scale(dataset, wrong, 0)
        H5Dclose(dataset)
        H5Dclose(scale)
      }
      H5Sclose(space)
      return H5Dclose(wrong)
    }
  }
}
