#ifndef PDP_LIBS_LOG_ROCKS_SOURCE_H_
#define PDP_LIBS_LOG_ROCKS_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/log/tail.h"
#include "rocksdb/db.h"

// How records lie in the RocksDB of rocks_log.h, for it and for the tools that read it beside it.
// Key: area index (1 byte), physical index (8 bytes, big-endian). Value: the frame.

namespace pdp::log {

enum class RocksAccess { kWrite, kReadOnly };
// FailedPrecondition: another process has it open. DataLoss: RocksDB finds its files damaged.
// `env`: the machine it is on; null: this one.
absl::StatusOr<std::unique_ptr<rocksdb::DB>> OpenRocks(const std::string& path, RocksAccess access,
                                                       rocksdb::Env* env = nullptr);

std::string RocksKey(Area area, int64_t index);

// The index after the last record of `area`. Unavailable when the disk cannot be read, DataLoss
// when a block is damaged.
absl::StatusOr<int64_t> RocksEnd(rocksdb::DB& db, Area area);

// Appends to `out` up to `records_max` records with indexes in [from, end). DataLoss when RocksDB
// finds a block damaged or an index is missing.
absl::Status ReadRocksRecords(rocksdb::DB& db, Area area, int64_t from, int64_t end,
                              size_t records_max, std::vector<RawRecord>& out);

// A log that nobody writes, read in place and not changed: for verifying and inspecting.
absl::StatusOr<std::unique_ptr<RawSource>> OpenRocksRawSource(const std::string& path, Area area);

}  // namespace pdp::log

#endif  // PDP_LIBS_LOG_ROCKS_SOURCE_H_
