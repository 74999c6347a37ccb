import CHDF5
public func h() -> Int32 { H5open() }
