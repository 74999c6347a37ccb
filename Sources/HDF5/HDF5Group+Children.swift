@preconcurrency import CHDF5

/// One entry of a group.
public struct HDF5Child: Sendable, Equatable {
  /// What an entry is. Links are what they are, whatever they lead to.
  public enum Kind: Sendable, Equatable {
    case group, dataset, softLink, externalLink
    /// A named type, or a kind of link that some program defined.
    case other
  }

  /// The name within the group.
  public let name: String

  /// What is under that name.
  public let kind: Kind

  /// An entry of that name and kind.
  public init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

extension HDF5Group {
  /// The entries of the group, sorted by the bytes of their names. Links are reported, not followed.
  ///
  /// - Throws: when the group cannot be listed, as in a damaged file.
  public var children: [HDF5Child] {
    get throws {
      var entries: [(name: String, link: H5L_type_t)] = []
      try withUnsafeMutablePointer(to: &entries) { collected in
        _ = try place.call("list") {
          H5Literate(
            handle.id, H5_INDEX_NAME, H5_ITER_INC, nil,
            { _, name, info, collected in
              guard let name, let info else { return 0 }
              collected?.assumingMemoryBound(to: [(name: String, link: H5L_type_t)].self).pointee
                .append((String(cString: name), info.pointee.type))
              return 0
            }, collected)
        }
      }
      var children: [HDF5Child] = []
      for entry in entries { children.append(HDF5Child(name: entry.name, kind: try kind(of: entry.name, entry.link))) }
      return children
    }
  }

  private func kind(of name: String, _ link: H5L_type_t) throws -> HDF5Child.Kind {
    switch link {
    case H5L_TYPE_SOFT: return .softLink
    case H5L_TYPE_EXTERNAL: return .externalLink
    case H5L_TYPE_HARD:
      var info = H5O_info_t()
      try place(of: name).call("look at") {
        H5Oget_info_by_name2(handle.id, name, &info, UInt32(H5O_INFO_BASIC), hid_t(H5P_DEFAULT))
      }
      return info.type == H5O_TYPE_GROUP ? .group : info.type == H5O_TYPE_DATASET ? .dataset : .other
    default: return .other
    }
  }
}
