// swift-tools-version: 6.2
import PackageDescription

// A comparison with XNNPACK that the main package does not build: it needs libxnnpack-dev (see run.sh).
let package = Package(
  name: "compare-xnnpack",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "offprint", path: "../..")],
  targets: [
    .systemLibrary(name: "CXNNPACK", providers: [.apt(["libxnnpack-dev", "libpthreadpool-dev"])]),
    .executableTarget(name: "compare", dependencies: ["CXNNPACK", .product(name: "Tensors", package: "offprint")]),
  ]
)
