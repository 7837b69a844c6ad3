#ifndef PDP_LIBS_BASE_RANDOM_H_
#define PDP_LIBS_BASE_RANDOM_H_

#include <cstdint>
#include <string>

namespace pdp {

// The one seam to randomness. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  // `count` random bytes.
  virtual std::string Bytes(size_t count) = 0;
  // The operating system's cryptographic source. Never destroyed.
  static Random& System();
};

// SplitMix64: the small deterministic generator of SUB-63 and of every seeded test.
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}
  uint64_t Next();
  // Uniform in [0, n), n > 0, without bias: draws until below floor(2^64 / n) * n (SUB-63).
  uint64_t Below(uint64_t n);

 private:
  uint64_t state_;
};

}  // namespace pdp

#endif  // PDP_LIBS_BASE_RANDOM_H_
