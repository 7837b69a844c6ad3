#include "tests/crash/oracle.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace pdp::crash {

void Oracle::Sent(const std::string& command_id) {
  absl::MutexLock lock(&mutex_);
  if (told_.try_emplace(command_id).second) order_.push_back(command_id);
}

void Oracle::Acknowledged(const std::string& command_id, const common::v1::Outcome& outcome) {
  absl::MutexLock lock(&mutex_);
  Told& told = told_[command_id];
  const uint64_t epoch = outcome.position().epoch(), seq = outcome.position().seq();
  if (told.known && (told.epoch != epoch || told.seq != seq)) {
    changed_.push_back(absl::StrCat(absl::BytesToHexString(command_id), " was told ", told.epoch,
                                    "/", told.seq, " and later ", epoch, "/", seq));
  }
  if (!told.known) told = {true, epoch, seq};
}

std::vector<std::string> Oracle::acknowledged() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> ids;
  for (const std::string& id : order_) {
    if (told_.at(id).known) ids.push_back(id);
  }
  return ids;
}

std::vector<std::string> Oracle::unknown() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> ids;
  for (const std::string& id : order_) {
    if (!told_.at(id).known) ids.push_back(id);
  }
  return ids;
}

std::vector<std::string> Oracle::Check(
    const std::vector<common::v1::RecordInfo>& records) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> findings = changed_;
  std::map<std::string, const common::v1::RecordInfo*> found;
  for (const common::v1::RecordInfo& record : records) {
    if (record.command_id_hex().empty()) continue;
    const auto [it, first] = found.emplace(record.command_id_hex(), &record);
    if (!first) {
      findings.push_back(absl::StrCat(record.command_id_hex(), " is twice: seq ",
                                      it->second->position().seq(), " and ",
                                      record.position().seq()));
    }
  }
  size_t sent = 0;
  for (const auto& [id, told] : told_) {
    const std::string hex = absl::BytesToHexString(id);
    const auto it = found.find(hex);
    if (it != found.end()) ++sent;
    if (!told.known) continue;
    if (it == found.end()) {
      findings.push_back(absl::StrCat(hex, " was acknowledged at ", told.epoch, "/", told.seq,
                                      " and is LOST"));
    } else if (it->second->position().seq() != told.seq ||
               it->second->position().epoch() != told.epoch) {
      findings.push_back(absl::StrCat(hex, " was acknowledged at ", told.epoch, "/", told.seq,
                                      " and is at ", it->second->position().epoch(), "/",
                                      it->second->position().seq()));
    }
  }
  if (sent != found.size()) {
    findings.push_back(absl::StrCat(found.size() - sent, " commands are there that nobody sent"));
  }
  return findings;
}

}  // namespace pdp::crash
