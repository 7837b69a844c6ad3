#include "tests/backup/tables.h"

#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/status_macros.h"
#include "libs/view/view_db.h"
#include "rocksdb/db.h"

namespace pdp::backup_test {
namespace {

constexpr int kShown = 5;

std::string Short(const std::string& bytes) {
  return absl::CHexEscape(bytes.substr(0, 400));
}

}  // namespace

absl::StatusOr<std::map<std::string, Rows>> ReadViews(const std::string& folder) {
  rocksdb::Options options;
  std::vector<std::string> names;
  RETURN_IF_ERROR(view::ToStatus(rocksdb::DB::ListColumnFamilies(options, folder, &names),
                                 "listing the families"));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  RETURN_IF_ERROR(view::ToStatus(
      rocksdb::DB::OpenForReadOnly(options, folder, families, &handles, &opened), "opening views"));
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::map<std::string, Rows> tables;
  absl::Status read;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    Rows& rows = tables[handle->GetName()];
    const std::unique_ptr<rocksdb::Iterator> it(
        db->NewIterator(rocksdb::ReadOptions(), handle));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      rows[it->key().ToString()] = it->value().ToString();
    }
    read.Update(view::ToStatus(it->status(), "reading views"));
    db->DestroyColumnFamilyHandle(handle);
  }
  RETURN_IF_ERROR(read);
  // Of each projection the build its alias names: "<version>.<generation>".
  std::map<std::string, Rows> named;
  for (const auto& [key, build] : tables["meta"]) {
    const std::vector<std::string> parts = absl::StrSplit(key, '/');
    if (parts.size() != 3 || parts[0] != "projection" || parts[2] != "live") continue;
    const std::vector<std::string> numbers = absl::StrSplit(build, '.');
    std::string family = absl::StrCat("p.", parts[1], ".v", numbers.at(0));
    if (numbers.at(1) != "0") absl::StrAppend(&family, ".r", numbers.at(1));
    if (tables.count(family) == 0) return absl::NotFoundError(family + " is not there");
    named["p." + parts[1]] = tables[family];
  }
  for (auto& [name, rows] : tables) {
    if (!absl::StartsWith(name, "p.")) named[name] = std::move(rows);
  }
  return named;
}

std::string Difference(const Rows& expected, const Rows& found) {
  std::string text;
  int shown = 0;
  const auto show = [&](const std::string& key, const std::string& left,
                        const std::string& right) {
    if (++shown > kShown) return;
    absl::StrAppend(&text, Short(key), ":\n  ", left, "\n  ", right, "\n");
  };
  for (const auto& [key, value] : expected) {
    const auto it = found.find(key);
    if (it == found.end()) {
      show(key, Short(value), "(no row)");
    } else if (it->second != value) {
      show(key, Short(value), Short(it->second));
    }
  }
  for (const auto& [key, value] : found) {
    if (expected.count(key) == 0) show(key, "(no row)", Short(value));
  }
  if (shown > kShown) absl::StrAppend(&text, "and ", shown - kShown, " more\n");
  return text;
}

}  // namespace pdp::backup_test
