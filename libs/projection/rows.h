#ifndef PDP_LIBS_PROJECTION_ROWS_H_
#define PDP_LIBS_PROJECTION_ROWS_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/privacy/key_vault.h"
#include "libs/projection/projection.h"
#include "libs/projection/storage.h"

// How rows are kept: key = area byte, then the author's key; value = one byte saying what follows.
// Internal to the runner.
//
//   'c'  the message
//   's'  varint length of the clear part, the clear part, pdp.log.v1.Sealed
//   'e'  the clear part of a row whose person's key was destroyed before it was written

namespace pdp::projection {

std::string RowKey(Area area, absl::string_view key);

// The value of a row. `context` names the place (seals open nowhere else).
absl::StatusOr<std::string> EncodeRow(const google::protobuf::Message& row,
                                      absl::string_view subject, absl::string_view context,
                                      privacy::KeyVault& vault);
// Fills `row`; true when it is complete, false when it is erased.
absl::StatusOr<bool> DecodeRow(absl::string_view value, absl::string_view context,
                               privacy::KeyVault& vault, google::protobuf::Message* row);
std::string RowContext(absl::string_view projection, Area area, absl::string_view key);

// A batch of writes of one projection in one area, over the rows as they are.
class BatchRowWriter final : public RowWriter {
 public:
  BatchRowWriter(Storage& storage, Storage::Table& table, privacy::KeyVault& vault,
                 std::string projection, Area area);
  void Put(absl::string_view key, const google::protobuf::Message& row,
           absl::string_view subject) override;
  bool Get(absl::string_view key, google::protobuf::Message* row) override;
  void Delete(absl::string_view key) override;
  std::vector<std::string> Scan(absl::string_view prefix, size_t limit) override;

  // The first failure of the disk or the vault, if any.
  const absl::Status& status() const { return status_; }
  void MoveTo(Storage::Batch& batch);
  bool sealed() const { return sealed_; }

 private:
  Storage& storage_;
  Storage::Table& table_;
  privacy::KeyVault& vault_;
  const std::string projection_;
  const Area area_;
  absl::Status status_;
  bool sealed_ = false;
  // By author's key; nullopt: deleted.
  std::map<std::string, std::optional<std::string>, std::less<>> written_;
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_ROWS_H_
