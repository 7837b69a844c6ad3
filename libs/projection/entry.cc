#include "libs/projection/entry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/projection/rows.h"

namespace pdp::projection {

TableBuild::~TableBuild() {
  if (!retired) return;
  table.reset();
  absl::Status dropped = storage.Drop(projection, build);
  if (!dropped.ok()) PDP_LOG(WARNING) << "rows of " << projection << ": " << dropped.message();
}

absl::StatusOr<bool> LiveReader::Get(Area area, absl::string_view key,
                                     google::protobuf::Message* row, bool* erased) const {
  row->Clear();
  if (erased != nullptr) *erased = false;
  const std::shared_ptr<TableBuild> live = entry_.LiveBuild();
  if (live == nullptr) return absl::FailedPreconditionError("the views are not open");
  ASSIGN_OR_RETURN(auto value, storage_.Get(*live->table, RowKey(area, key)));
  if (!value) return false;
  ASSIGN_OR_RETURN(bool complete,
                   DecodeRow(*value, RowContext(entry_.name, area, key), vault_, row));
  if (erased != nullptr) *erased = !complete;
  return true;
}

absl::Status LiveReader::Scan(Area area, const ScanRange& range, google::protobuf::Message* row,
                              absl::FunctionRef<bool(absl::string_view, bool)> visit) const {
  const std::shared_ptr<TableBuild> live = entry_.LiveBuild();
  if (live == nullptr) return absl::FailedPreconditionError("the views are not open");
  if (range.limit == 0) return absl::OkStatus();
  const std::string prefix = RowKey(area, range.prefix);
  // Just after `after_key`: the smallest key greater than it has one zero byte more.
  const std::string after =
      range.after_key.empty() ? prefix
                              : absl::StrCat(RowKey(area, range.after_key), std::string(1, '\0'));
  size_t rows = 0;
  absl::Status failed;
  absl::Status scanned = storage_.Scan(
      *live->table, std::max(prefix, after), prefix,
      [&](absl::string_view key, absl::string_view value) {
        key.remove_prefix(1);
        const auto complete =
            DecodeRow(value, RowContext(entry_.name, area, key), vault_, row);
        failed.Update(complete.status());
        return complete.ok() && visit(key, !*complete) && ++rows < range.limit;
      });
  RETURN_IF_ERROR(scanned);
  return failed;
}

}  // namespace pdp::projection
