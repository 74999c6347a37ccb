// The pooling of most networks, 2 x 2 windows side by side, for Float, vectors of channels at a time.
//
// Promise: the bits of `ImageWindows.maximum` and its adjoint: NaN if one is, the first of equals. The adjoint writes every element of
// the images once, so nothing is cleared before. No allocation; images are shared among threads.

extension ImageWindows {
  /// Windows of 2 x 2 at distance 2 that cover even images without padding, over whole vectors of channels.
  var areDisjointSquares: Bool {
    kernel == (2, 2) && stride == (2, 2) && padding == (0, 0) && height == 2 * outputHeight && width == 2 * outputWidth
      && channels % 16 == 0
  }

  /// The largest of every window and its place.
  func maximumOfSquares(
    _ images: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ places: UnsafeMutablePointer<Int32>
  ) {
    let (images, target, places) = (Shared(images), Shared(target), Shared(places))
    forEachImage { image in
      for i in 0..<outputHeight {
        let x = images.value + (image * height + 2 * i) * width * channels
        let offset = (image * outputHeight + i) * outputWidth * channels
        for j in 0..<outputWidth {
          let place = Int32(truncatingIfNeeded: 2 * i * width + 2 * j)
          for c in Swift.stride(from: 0, to: channels, by: 16) {
            let first = x + 2 * j * channels + c
            var best = load(first)
            var at = SIMD16<Int32>(repeating: place)
            for k in 1..<4 {
              let value = load(first + (k >> 1) * width * channels + (k & 1) * channels)
              // A NaN wins, and then nothing does.
              let isBetter = (value .> best .| value .!= value) .& (best .== best)
              best = best.replacing(with: value, where: isBetter)
              let here = SIMD16<Int32>(repeating: place &+ Int32(truncatingIfNeeded: (k >> 1) * width + (k & 1)))
              at = at.replacing(with: here, where: isBetter)
            }
            UnsafeMutableRawPointer(target.value + offset + j * channels + c).storeBytes(of: best, as: SIMD16<Float>.self)
            UnsafeMutableRawPointer(places.value + offset + j * channels + c).storeBytes(of: at, as: SIMD16<Int32>.self)
          }
        }
      }
    }
  }

  /// Every window's number at its place, zeros at the other three.
  func spreadToSquares(
    _ gradient: UnsafePointer<Float>, _ places: UnsafePointer<Int32>, _ images: UnsafeMutablePointer<Float>
  ) {
    let (images, gradient, places) = (Shared(images), Shared(gradient), Shared(places))
    forEachImage { image in
      for i in 0..<outputHeight {
        let y = images.value + (image * height + 2 * i) * width * channels
        let offset = (image * outputHeight + i) * outputWidth * channels
        for j in 0..<outputWidth {
          let place = Int32(truncatingIfNeeded: 2 * i * width + 2 * j)
          for c in Swift.stride(from: 0, to: channels, by: 16) {
            let value = load(gradient.value + offset + j * channels + c)
            let at = UnsafeRawPointer(places.value + offset + j * channels + c).loadUnaligned(as: SIMD16<Int32>.self)
            for k in 0..<4 {
              let here = SIMD16<Int32>(repeating: place &+ Int32(truncatingIfNeeded: (k >> 1) * width + (k & 1)))
              let own = SIMD16<Float>.zero.replacing(with: value, where: at .== here)
              let to = y + 2 * j * channels + c + (k >> 1) * width * channels + (k & 1) * channels
              UnsafeMutableRawPointer(to).storeBytes(of: own, as: SIMD16<Float>.self)
            }
          }
        }
      }
    }
  }

  @inline(always)
  private func load(_ pointer: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD16<Float>.self)
  }
}
