import CFFTW
import ComplexModule
import Synchronization

/// Plans of FFTW: made once for each layout and kept; used by any thread on any arrays.
///
/// Promise: the same bits every time. Plans come from FFTW's estimate, which does not measure, and a plan is used only for arrays
/// aligned as it was made for.
enum FourierTransformKind: Sendable, Hashable {
  /// Complex to complex, with e^-2 pi i j k / n, or with the conjugate.
  case forward, backward
  /// Real to the first half of complex, and its unnormalised inverse.
  case realForward, realBackward
}

/// Extents of one axis and its strides in both arrays, in elements of their types.
struct FourierAxis: Sendable, Hashable {
  var extent: Int
  var sourceStride: Int
  var targetStride: Int
}

struct FourierLayout: Sendable, Hashable {
  var kind: FourierTransformKind
  /// The axes of the transform.
  var axes: [FourierAxis]
  /// The axes along which it is repeated.
  var batch: [FourierAxis]
}

/// A plan for arrays aligned as FFTW's SIMD code likes them, and one for others.
struct FourierPlan: @unchecked Sendable {
  // Unchecked: FFTW's plans are constant once they are made, and executing one is thread-safe.
  fileprivate let aligned, unaligned: OpaquePointer

  private struct Key: Hashable {
    var layout: FourierLayout
    var scalarType: ScalarType
  }

  // Making plans is not thread-safe.
  private static let plans = Mutex<[Key: FourierPlan]>([:])

  init<R: FourierScalar>(_ layout: FourierLayout, _ type: R.Type) {
    self = Self.plans.withLock { plans in
      let key = Key(layout: layout, scalarType: R.scalarType)
      if let plan = plans[key] { return plan }
      let flags = FFTW_ESTIMATE | FFTW_PRESERVE_INPUT
      guard let aligned = R._makePlan(layout, flags: flags), let unaligned = R._makePlan(layout, flags: flags | FFTW_UNALIGNED)
      else { fatalError("fft: FFTW has no plan for \(layout)") }
      let plan = FourierPlan(aligned: aligned, unaligned: unaligned)
      plans[key] = plan
      return plan
    }
  }

  private init(aligned: OpaquePointer, unaligned: OpaquePointer) {
    self.aligned = aligned
    self.unaligned = unaligned
  }

  func execute<R: FourierScalar>(
    _ kind: FourierTransformKind, _ source: UnsafeMutableRawPointer, _ target: UnsafeMutableRawPointer, _ type: R.Type
  ) {
    // FFTW's arrays are aligned to 16 bytes at least; plans are made for 64.
    let isAligned = (UInt(bitPattern: source) | UInt(bitPattern: target)) & 63 == 0
    R._executePlan(isAligned ? aligned : unaligned, kind, source, target)
  }
}

/// A real type with FFTW.
protocol FourierScalar: RealScalar {
  static func _makePlan(_ layout: FourierLayout, flags: UInt32) -> OpaquePointer?
  static func _executePlan(
    _ plan: OpaquePointer, _ kind: FourierTransformKind, _ source: UnsafeMutableRawPointer, _ target: UnsafeMutableRawPointer)
}

/// Arrays to plan for: FFTW looks at their alignment and whether they are one, and does not touch them when it only estimates.
private let places = (source: 1 << 20, target: 1 << 30)

// The two conformances differ in the letter after "fftw"; nothing else may differ.

extension Float: FourierScalar {
  static func _makePlan(_ layout: FourierLayout, flags: UInt32) -> OpaquePointer? {
    func dimensions(_ axes: [FourierAxis]) -> [fftwf_iodim64] {
      axes.map { fftwf_iodim64(n: $0.extent, is: $0.sourceStride, os: $0.targetStride) }
    }
    let (axes, batch) = (dimensions(layout.axes), dimensions(layout.batch))
    let (rank, batchRank) = (Int32(axes.count), Int32(batch.count))
    func complex(_ place: Int) -> UnsafeMutablePointer<fftwf_complex>? { UnsafeMutablePointer(bitPattern: place) }
    func real(_ place: Int) -> UnsafeMutablePointer<Self>? { UnsafeMutablePointer(bitPattern: place) }
    return switch layout.kind {
    case .forward:
      fftwf_plan_guru64_dft(
        rank, axes, batchRank, batch, complex(places.source), complex(places.target), FFTW_FORWARD, flags)
    case .backward:
      fftwf_plan_guru64_dft(
        rank, axes, batchRank, batch, complex(places.source), complex(places.target), FFTW_BACKWARD, flags)
    case .realForward:
      fftwf_plan_guru64_dft_r2c(rank, axes, batchRank, batch, real(places.source), complex(places.target), flags)
    case .realBackward:
      fftwf_plan_guru64_dft_c2r(rank, axes, batchRank, batch, complex(places.source), real(places.target), flags)
    }
  }

  static func _executePlan(
    _ plan: OpaquePointer, _ kind: FourierTransformKind, _ source: UnsafeMutableRawPointer, _ target: UnsafeMutableRawPointer
  ) {
    func complex(_ place: UnsafeMutableRawPointer) -> UnsafeMutablePointer<fftwf_complex> {
      place.assumingMemoryBound(to: fftwf_complex.self)
    }
    func real(_ place: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Self> { place.assumingMemoryBound(to: Self.self) }
    switch kind {
    case .forward, .backward: fftwf_execute_dft(plan, complex(source), complex(target))
    case .realForward: fftwf_execute_dft_r2c(plan, real(source), complex(target))
    case .realBackward: fftwf_execute_dft_c2r(plan, complex(source), real(target))
    }
  }
}

extension Double: FourierScalar {
  static func _makePlan(_ layout: FourierLayout, flags: UInt32) -> OpaquePointer? {
    func dimensions(_ axes: [FourierAxis]) -> [fftw_iodim64] {
      axes.map { fftw_iodim64(n: $0.extent, is: $0.sourceStride, os: $0.targetStride) }
    }
    let (axes, batch) = (dimensions(layout.axes), dimensions(layout.batch))
    let (rank, batchRank) = (Int32(axes.count), Int32(batch.count))
    func complex(_ place: Int) -> UnsafeMutablePointer<fftw_complex>? { UnsafeMutablePointer(bitPattern: place) }
    func real(_ place: Int) -> UnsafeMutablePointer<Self>? { UnsafeMutablePointer(bitPattern: place) }
    return switch layout.kind {
    case .forward:
      fftw_plan_guru64_dft(
        rank, axes, batchRank, batch, complex(places.source), complex(places.target), FFTW_FORWARD, flags)
    case .backward:
      fftw_plan_guru64_dft(
        rank, axes, batchRank, batch, complex(places.source), complex(places.target), FFTW_BACKWARD, flags)
    case .realForward:
      fftw_plan_guru64_dft_r2c(rank, axes, batchRank, batch, real(places.source), complex(places.target), flags)
    case .realBackward:
      fftw_plan_guru64_dft_c2r(rank, axes, batchRank, batch, complex(places.source), real(places.target), flags)
    }
  }

  static func _executePlan(
    _ plan: OpaquePointer, _ kind: FourierTransformKind, _ source: UnsafeMutableRawPointer, _ target: UnsafeMutableRawPointer
  ) {
    func complex(_ place: UnsafeMutableRawPointer) -> UnsafeMutablePointer<fftw_complex> {
      place.assumingMemoryBound(to: fftw_complex.self)
    }
    func real(_ place: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Self> { place.assumingMemoryBound(to: Self.self) }
    switch kind {
    case .forward, .backward: fftw_execute_dft(plan, complex(source), complex(target))
    case .realForward: fftw_execute_dft_r2c(plan, real(source), complex(target))
    case .realBackward: fftw_execute_dft_c2r(plan, complex(source), real(target))
    }
  }
}
