#include "libs/privacy/blind_index.h"

#include "absl/strings/escaping.h"
#include "libs/base/hash.h"

namespace pdp::privacy {
namespace {
constexpr size_t kIndexBytes = 16;
}  // namespace

std::string BlindIndex(absl::string_view index_key, absl::string_view text) {
  return absl::BytesToHexString(HmacSha256(index_key, text).view().substr(0, kIndexBytes));
}

}  // namespace pdp::privacy
