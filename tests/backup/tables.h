#ifndef PDP_TESTS_BACKUP_TABLES_H_
#define PDP_TESTS_BACKUP_TABLES_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"

namespace pdp::backup_test {

using Rows = std::map<std::string, std::string>;

// Every row of a folder of views that nobody writes, as bytes: those of each projection's live
// build under "p.<name>", those of the cells under the family's name ("state", "archive", ...).
absl::StatusOr<std::map<std::string, Rows>> ReadViews(const std::string& folder);

// The first differences, readable; empty when there are none.
std::string Difference(const Rows& expected, const Rows& found);

}  // namespace pdp::backup_test

#endif  // PDP_TESTS_BACKUP_TABLES_H_
