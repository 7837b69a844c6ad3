#include "libs/projection/rows.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "libs/base/status_macros.h"
#include "libs/privacy/seal.h"
#include "libs/projection/publisher.h"

namespace pdp::projection {
namespace {

constexpr char kClear = 'c';
constexpr char kSealed = 's';
constexpr char kErased = 'e';

void AppendVarint(uint32_t value, std::string* out) {
  while (value >= 0x80) {
    *out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out += static_cast<char>(value);
}

}  // namespace

std::string RowKey(Area area, absl::string_view key) {
  return absl::StrCat(std::string(1, static_cast<char>(area.index())), key);
}

std::string RowContext(absl::string_view projection, Area area, absl::string_view key) {
  return absl::StrCat(projection, "/", area.code(), "/", key);
}

absl::StatusOr<std::string> EncodeRow(const google::protobuf::Message& row,
                                      absl::string_view subject, absl::string_view context,
                                      privacy::KeyVault& vault) {
  absl::StatusOr<privacy::Split> split = privacy::SealRow(row, subject, context, vault);
  std::string value;
  if (absl::IsNotFound(split.status())) {
    std::unique_ptr<google::protobuf::Message> clear(row.New());
    clear->MergeFrom(row);
    ClearPersonal(*clear);
    return absl::StrCat(std::string(1, kErased), clear->SerializeAsString());
  }
  RETURN_IF_ERROR(split.status());
  if (!split->sealed) return absl::StrCat(std::string(1, kClear), split->clear);
  value += kSealed;
  AppendVarint(static_cast<uint32_t>(split->clear.size()), &value);
  absl::StrAppend(&value, split->clear, split->sealed->SerializeAsString());
  return value;
}

absl::StatusOr<bool> DecodeRow(absl::string_view value, absl::string_view context,
                               privacy::KeyVault& vault, google::protobuf::Message* row) {
  const absl::Status damaged =
      absl::DataLossError(absl::StrCat("damaged row ", context.substr(0, 60)));
  if (value.empty()) return damaged;
  const char kind = value[0];
  value.remove_prefix(1);
  if (kind == kClear || kind == kErased) {
    if (!row->ParseFromArray(value.data(), static_cast<int>(value.size()))) return damaged;
    return kind == kClear;
  }
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(value.data()),
                                            static_cast<int>(value.size()));
  uint32_t clear_bytes = 0;
  if (kind != kSealed || !in.ReadVarint32(&clear_bytes)) return damaged;
  const size_t start = static_cast<size_t>(in.CurrentPosition());
  log::v1::Sealed sealed;
  if (start + clear_bytes > value.size()) return damaged;
  const absl::string_view rest = value.substr(start + clear_bytes);
  if (!sealed.ParseFromArray(rest.data(), static_cast<int>(rest.size()))) return damaged;
  return privacy::Unseal(value.substr(start, clear_bytes), &sealed, context, vault, row);
}

BatchRowWriter::BatchRowWriter(Storage& storage, Storage::Table& table, privacy::KeyVault& vault,
                               std::string projection, Area area)
    : storage_(storage),
      table_(table),
      vault_(vault),
      projection_(std::move(projection)),
      area_(area) {}

void BatchRowWriter::Put(absl::string_view key, const google::protobuf::Message& row,
                         absl::string_view subject) {
  auto value = EncodeRow(row, subject, RowContext(projection_, area_, key), vault_);
  if (!value.ok()) {
    status_.Update(value.status());
    return;
  }
  sealed_ |= (*value)[0] == kSealed;
  written_[std::string(key)] = *std::move(value);
}

bool BatchRowWriter::Get(absl::string_view key, google::protobuf::Message* row) {
  row->Clear();
  std::optional<std::string> value;
  if (const auto it = written_.find(key); it != written_.end()) {
    value = it->second;
  } else {
    auto read = storage_.Get(table_, RowKey(area_, key));
    status_.Update(read.status());
    if (read.ok()) value = *std::move(read);
  }
  if (!value) return false;
  const auto complete = DecodeRow(*value, RowContext(projection_, area_, key), vault_, row);
  status_.Update(complete.status());
  return complete.ok();
}

void BatchRowWriter::Delete(absl::string_view key) { written_[std::string(key)] = std::nullopt; }

std::vector<std::string> BatchRowWriter::Scan(absl::string_view prefix, size_t limit) {
  std::vector<std::string> keys;
  // Two ascending sequences: what this batch wrote, and what the table holds.
  auto mine = written_.lower_bound(prefix);
  const auto take_mine_before = [&](absl::optional<absl::string_view> bound) {
    for (; mine != written_.end() && absl::StartsWith(mine->first, prefix) && keys.size() < limit &&
           (!bound || mine->first < *bound);
         ++mine) {
      if (mine->second) keys.push_back(mine->first);
    }
  };
  const std::string start = RowKey(area_, prefix);
  status_.Update(storage_.Scan(table_, start, start, [&](absl::string_view key, absl::string_view) {
    key.remove_prefix(1);
    take_mine_before(key);
    if (keys.size() >= limit) return false;
    const auto it = written_.find(key);
    if (it == written_.end()) {
      keys.emplace_back(key);
    } else {
      if (it->second) keys.emplace_back(key);
      if (it == mine) ++mine;
    }
    return keys.size() < limit;
  }));
  take_mine_before(absl::nullopt);
  return keys;
}

void BatchRowWriter::MoveTo(Storage::Batch& batch) {
  for (auto& [key, value] : written_) {
    if (value) {
      batch.Put(table_, RowKey(area_, key), *value);
    } else {
      batch.Delete(table_, RowKey(area_, key));
    }
  }
  written_.clear();
}

}  // namespace pdp::projection
