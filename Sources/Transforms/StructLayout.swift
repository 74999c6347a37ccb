@_spi(Reflection) import Swift
import Synchronization

/// How a struct becomes a tree by its declaration alone: the offsets and types of its stored properties, from the metadata that the
/// compiler writes for every type.
///
/// The Swift runtime's `_forEachField` is used because it gives offsets, so that a property can be written as well as read, in tens of
/// nanoseconds; `Mirror` only reads, and boxes. It is an interface for libraries and may change with the toolchain: the tests of
/// `TensorTree` would tell.
struct StructLayout: Sendable {
  /// A stored property.
  struct Field: @unchecked Sendable {
    // Unchecked because metatypes of trees are not known to be Sendable, though no conformance is bound to an actor.
    let offset: Int
    let tree: (any TensorTree.Type)?
    let constant: (any Hashable.Type)?
  }

  let fields: [Field]

  private static let known = Mutex<[ObjectIdentifier: StructLayout]>([:])

  static func of(_ type: Any.Type) -> StructLayout {
    known.withLock { known in
      if let layout = known[ObjectIdentifier(type)] { return layout }
      let layout = StructLayout(type)
      known[ObjectIdentifier(type)] = layout
      return layout
    }
  }

  private init(_ type: Any.Type) {
    var fields: [Field] = []
    let isStruct = _forEachField(of: type) { name, offset, fieldType, _ in
      let field = Field(
        offset: offset, tree: fieldType as? any TensorTree.Type, constant: fieldType as? any Hashable.Type)
      guard field.tree != nil || field.constant != nil else {
        fatalError(
          "TensorTree: property '\(String(cString: name))' of \(type) is a \(fieldType), which is neither a tree of tensors nor Hashable"
        )
      }
      fields.append(field)
      return true
    }
    guard isStruct, !(type is AnyClass) else {
      fatalError("TensorTree: \(type) is no struct and must write flatten(into:) and replaceTensors(from:) itself")
    }
    self.fields = fields
  }
}

extension TensorTree {
  /// The tensors and constants of the stored properties, in the order in which they are written.
  public func flatten(into leaves: inout TreeLeaves) {
    withUnsafePointer(to: self) { pointer in
      for field in StructLayout.of(Self.self).fields {
        let place = UnsafeRawPointer(pointer) + field.offset
        if let tree = field.tree {
          tree.flatten(at: place, into: &leaves)
        } else {
          field.constant?.append(at: place, to: &leaves)
        }
      }
    }
  }

  /// Replaces the tensors of the stored properties, in the same order.
  public mutating func replaceTensors(from leaves: inout TreeLeaves) {
    withUnsafeMutablePointer(to: &self) { pointer in
      for field in StructLayout.of(Self.self).fields {
        field.tree?.replaceTensors(at: UnsafeMutableRawPointer(pointer) + field.offset, from: &leaves)
      }
    }
  }

  fileprivate static func flatten(at place: UnsafeRawPointer, into leaves: inout TreeLeaves) {
    place.assumingMemoryBound(to: Self.self).pointee.flatten(into: &leaves)
  }

  fileprivate static func replaceTensors(at place: UnsafeMutableRawPointer, from leaves: inout TreeLeaves) {
    place.assumingMemoryBound(to: Self.self).pointee.replaceTensors(from: &leaves)
  }
}

extension Hashable {
  fileprivate static func append(at place: UnsafeRawPointer, to leaves: inout TreeLeaves) {
    leaves.append(constant: AnyHashable(place.assumingMemoryBound(to: Self.self).pointee))
  }
}
