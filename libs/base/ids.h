#ifndef PDP_LIBS_BASE_IDS_H_
#define PDP_LIBS_BASE_IDS_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include "absl/strings/string_view.h"
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace pdp {

// A number that cannot be mixed up with another kind of number.
//
//   using Seq = Number<struct SeqTag, uint64_t>;
template <typename Tag, typename T>
class Number {
 public:
  using Rep = T;
  constexpr Number() = default;
  constexpr explicit Number(T value) : value_(value) {}
  constexpr T value() const { return value_; }
  constexpr Number Next() const { return Number(value_ + 1); }
  friend constexpr auto operator<=>(Number, Number) = default;
  template <typename H>
  friend H AbslHashValue(H h, Number n) {
    return H::combine(std::move(h), n.value_);
  }
  friend std::ostream& operator<<(std::ostream& os, Number n) { return os << n.value_; }

 private:
  T value_{};
};

using Epoch = Number<struct EpochTag, uint64_t>;
using Seq = Number<struct SeqTag, uint64_t>;
using Version = Number<struct VersionTag, uint64_t>;

// The id of an aggregate inside its cell: "<kind>/<id>", e.g. "case/T000123". Kinds are those of
// the service's specification in lower_snake_case. At most 200 bytes, printable ASCII.
class AggregateId {
 public:
  AggregateId() = default;
  AggregateId(absl::string_view kind, absl::string_view id) : text_(absl::StrCat(kind, "/", id)) {}
  static AggregateId FromText(std::string text) {
    AggregateId id;
    id.text_ = std::move(text);
    return id;
  }
  const std::string& text() const { return text_; }
  // The parts before and after the first slash.
  absl::string_view kind() const { return absl::string_view(text_).substr(0, text_.find('/')); }
  absl::string_view id() const {
    const size_t slash = text_.find('/');
    return slash == std::string::npos ? absl::string_view()
                                      : absl::string_view(text_).substr(slash + 1);
  }
  friend auto operator<=>(const AggregateId&, const AggregateId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const AggregateId& id) {
    return H::combine(std::move(h), id.text_);
  }
  friend std::ostream& operator<<(std::ostream& os, const AggregateId& id) {
    return os << id.text_;
  }

 private:
  std::string text_;
};

// 16 bytes made by the caller of a command.
class CommandId {
 public:
  static constexpr size_t kBytes = 16;
  CommandId() = default;
  // `bytes` beyond 16 are dropped, missing ones are zero; callers validate the length first.
  explicit CommandId(absl::string_view bytes) {
    for (size_t i = 0; i < kBytes && i < bytes.size(); ++i) bytes_[i] = bytes[i];
  }
  absl::string_view bytes() const { return {bytes_.data(), kBytes}; }
  std::string hex() const { return absl::BytesToHexString(bytes()); }
  friend auto operator<=>(const CommandId&, const CommandId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const CommandId& id) {
    return H::combine(std::move(h), id.bytes());
  }

 private:
  std::array<char, kBytes> bytes_{};
};

}  // namespace pdp

#endif  // PDP_LIBS_BASE_IDS_H_
