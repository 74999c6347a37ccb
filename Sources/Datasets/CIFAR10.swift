import Foundation
import Tensors

/// The 60,000 colour images of CIFAR-10 in their binary version, if the user has put it into the data folder as
/// cifar-10-batches-bin/data_batch_1.bin ... data_batch_5.bin and test_batch.bin, plain or gzipped.
///
/// A record is one byte of label, 0 to 9, and 3072 bytes of pixels: 1024 red, 1024 green, 1024 blue, each row by row.
public struct CIFAR10<Scalar: RealScalar>: Sendable {
  /// The two sets of images.
  public enum Part: String, Sendable {
    /// 50,000 images in five files.
    case train
    /// 10,000 images in one file.
    case test
  }

  /// [count, 3, 32, 32], from 0 to 1.
  public var images: Tensor<Scalar>
  /// airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck: [count].
  public var labels: Tensor<Int32>
  /// The files that were read.
  public var source: DataSource

  /// The first `count` images, or all.
  /// - Throws: ``DataError`` when a file is missing or wrong.
  public init(_ part: Part, count: Int? = nil, in folder: String = DataFolder.path) throws {
    let names = part == .test ? ["test_batch"] : (1...5).map { "data_batch_\($0)" }
    let record = 1 + 3 * 32 * 32
    var data = Data()
    for name in names where data.count / record < count ?? .max {
      let file = try DataFolder.requiredFile(
        "cifar-10-batches-bin/\(name).bin", in: folder, from: "https://www.cs.toronto.edu/~kriz/cifar.html (binary version)")
      let batch = try DataFolder.contents(of: file)
      guard !batch.isEmpty, batch.count % record == 0 else {
        throw DataError(
          file: file, problem: "has \(batch.count) bytes, no whole number of records of \(record); download it again")
      }
      if let wrong = stride(from: 0, to: batch.count, by: record).first(where: { batch[$0] > 9 }) {
        throw DataError(file: file, problem: "has label \(batch[wrong]) in record \(wrong / record), expected 0 to 9")
      }
      data.append(batch)
    }
    let available = data.count / record
    guard available >= count ?? 0 else {
      throw DataError(file: "\(folder)/cifar-10-batches-bin", problem: "has \(available) images, \(count ?? 0) were asked for")
    }
    let used = count ?? available
    images = Self.pixels(data, used, record)
    labels = Tensor((0..<used).map { Int32(data[$0 * record]) })
    source = DataSource(name: "cifar-10-\(part.rawValue)", count: used, sha256: sha256(of: data))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func pixels(_ data: Data, _ count: Int, _ record: Int) -> Tensor<Scalar> {
    var images = Tensor<Scalar>.zeros([count, 3, 32, 32])
    // Each value once, rounded from the quotient.
    let shades = (0..<256).map { Scalar(Double($0) / 255) }
    data.withUnsafeBytes { bytes in
      images.withUnsafeMutableBufferPointer { pixels in
        for i in 0..<count {
          for j in 1..<record { pixels[i * (record - 1) + j - 1] = shades[Int(bytes[i * record + j])] }
        }
      }
    }
    return images
  }
}
