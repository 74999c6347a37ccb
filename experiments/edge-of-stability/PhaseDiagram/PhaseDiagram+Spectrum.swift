import Diagnostics
import Foundation

/// Statistics of sampled spectra, each in ascending order.
package enum SpectrumStatistics {
  /// The mean over neighbouring gaps of the smaller over the larger: 0.53 for the Gaussian orthogonal ensemble, 0.386 for independent levels.
  package static func meanGapRatio(_ spectra: [[Double]]) -> Double {
    mean(
      spectra.flatMap { spectrum in
        let gaps = zip(spectrum, spectrum.dropFirst()).map { $1 - $0 }
        return zip(gaps, gaps.dropFirst()).map { min($0, $1) / max($0, $1) }
      })
  }

  /// Gaps in units of their mean, after unfolding: in the semicircle's distribution function, where levels lie evenly.
  package static func unfoldedSpacings(_ spectra: [[Double]]) -> [Double] {
    let all = spectra.flatMap(\.self)
    let (center, radius) = (mean(all), 2 * sampleVariance(all).squareRoot())
    let spacings = spectra.flatMap { spectrum in
      let places = spectrum.map { semicircleShare(below: ($0 - center) / radius) }
      return zip(places, places.dropFirst()).map { $1 - $0 }
    }
    let scale = mean(spacings)
    return spacings.map { $0 / scale }
  }

  /// The share of a semicircle of radius 1 left of x.
  package static func semicircleShare(below x: Double) -> Double {
    let x = min(1, max(-1, x))
    return 0.5 + (x * (1 - x * x).squareRoot() + asin(x)) / .pi
  }

  /// The semicircle's density, of a given variance about 0.
  package static func semicircleDensity(_ x: Double, variance: Double) -> Double {
    max(0, 4 * variance - x * x).squareRoot() / (2 * .pi * variance)
  }

  /// Wigner's surmise of the density of spacings, pi s/2 exp(-pi s²/4).
  package static func wignerSurmise(_ s: Double) -> Double { .pi / 2 * s * exp(-.pi / 4 * s * s) }
}
