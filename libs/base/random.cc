#include "libs/base/random.h"

#include <openssl/rand.h>

#include "libs/base/check.h"

namespace pdp {
namespace {
class SystemRandom final : public Random {
 public:
  std::string Bytes(size_t count) override {
    std::string bytes(count, '\0');
    PDP_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
                         static_cast<int>(count)) == 1,
              "the operating system gave no randomness");
    return bytes;
  }
};
}  // namespace

Random& Random::System() {
  static SystemRandom* const random = new SystemRandom();
  return *random;
}

uint64_t SplitMix64::Next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

uint64_t SplitMix64::Below(uint64_t n) {
  const unsigned __int128 span = static_cast<unsigned __int128>(1) << 64;
  const unsigned __int128 limit = span / n * n;
  while (true) {
    const uint64_t draw = Next();
    if (draw < limit) return draw % n;
  }
}

}  // namespace pdp
