// swift-tools-version: 6.2
import PackageDescription

// libFuzzer over the parsers of data sets, which the main package does not build: see run.sh.
let package = Package(
  name: "fuzz-parsers",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "offprint", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz", dependencies: [.product(name: "Datasets", package: "offprint")],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
  ]
)
