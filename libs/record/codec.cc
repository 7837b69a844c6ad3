#include "libs/record/codec.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "libs/base/area.h"
#include "libs/base/hash.h"

namespace pdp::record {
namespace {

constexpr char kMagic[4] = {'P', 'D', 'P', '\x01'};
constexpr size_t kHashBytes = 32;

absl::Status Corrupted(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("corrupted record: ", what));
}

}  // namespace

std::string Encode(const log::v1::Record& record) {
  std::string bytes;
  bytes.reserve(kHeaderBytes + record.ByteSizeLong());
  bytes.assign(kMagic, sizeof(kMagic));
  bytes.append(4, '\0');
  record.AppendToString(&bytes);
  const uint32_t crc = Crc32c(absl::string_view(bytes).substr(kHeaderBytes));
  for (int i = 0; i < 4; ++i) bytes[4 + i] = static_cast<char>((crc >> (8 * i)) & 0xff);
  return bytes;
}

absl::StatusOr<std::string> EncodeVerified(const log::v1::Record& record) {
  std::string bytes = Encode(record);
  if (bytes.size() > kRecordBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a record of ", bytes.size(), " bytes"));
  }
  if (const absl::Status back = Decode(bytes).status(); !back.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("cannot be recorded: ", back.message()));
  }
  return bytes;
}

absl::StatusOr<log::v1::Record> Decode(absl::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return Corrupted("shorter than its header");
  if (bytes.substr(0, sizeof(kMagic)) != absl::string_view(kMagic, sizeof(kMagic))) {
    return Corrupted("wrong magic");
  }
  uint32_t expected = 0;
  for (int i = 0; i < 4; ++i) {
    expected |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[4 + i])) << (8 * i);
  }
  const absl::string_view payload = bytes.substr(kHeaderBytes);
  if (Crc32c(payload) != expected) return Corrupted("wrong CRC");
  log::v1::Record record;
  if (!record.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Corrupted("does not parse");
  }
  if (record.kind_case() == log::v1::Record::KIND_NOT_SET) return Corrupted("no kind");
  if (record.prev_hash().size() != kHashBytes) return Corrupted("prev_hash is not 32 bytes");
  if (!Area::FromCode(record.area()).has_value()) return Corrupted("unknown area");
  return record;
}

}  // namespace pdp::record
