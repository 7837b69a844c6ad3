#include "tests/crash/oracle.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace pdp::crash {
namespace {

using common::v1::RecordInfo;

}  // namespace

void Oracle::Sent(const std::string& command_id) {
  absl::MutexLock lock(&mutex_);
  const auto [it, first] = told_.try_emplace(command_id);
  if (first) order_.push_back(command_id);
  Told& told = it->second;
  told.doubtful = told.doubtful || told.open;
  told.open = true;
  if (told.what == What::kOut) told.what = What::kInDoubt;
}

void Oracle::Acknowledged(const std::string& command_id, const common::v1::Outcome& outcome) {
  absl::MutexLock lock(&mutex_);
  Told& told = told_[command_id];
  told.open = false;
  const uint64_t epoch = outcome.position().epoch(), seq = outcome.position().seq();
  const bool had_position = told.what == What::kAcknowledged || told.what == What::kFoundIn;
  if (had_position && (told.epoch != epoch || told.seq != seq)) {
    changed_.push_back(absl::StrCat(absl::BytesToHexString(command_id),
                                    told.what == What::kFoundIn ? " was found at " : " was told ",
                                    told.epoch, "/", told.seq, " and later told ", epoch, "/",
                                    seq));
  }
  if (!had_position) {
    told.epoch = epoch;
    told.seq = seq;
  }
  told.what = What::kAcknowledged;
}

void Oracle::Refused(const std::string& command_id) {
  absl::MutexLock lock(&mutex_);
  Told& told = told_[command_id];
  told.open = false;
  if (told.what == What::kInDoubt && !told.doubtful) told.what = What::kOut;
}

void Oracle::Resolve(const std::vector<RecordInfo>& records) {
  absl::MutexLock lock(&mutex_);
  std::map<std::string, const RecordInfo*> found;
  for (const RecordInfo& record : records) found.emplace(record.command_id_hex(), &record);
  for (auto& [id, told] : told_) {
    if (told.what != What::kInDoubt) continue;
    const auto it = found.find(absl::BytesToHexString(id));
    if (it == found.end()) {
      told = {.what = What::kOut};
      ++resolved_.did_not;
    } else {
      told = {.what = What::kFoundIn,
              .epoch = it->second->position().epoch(),
              .seq = it->second->position().seq()};
      ++resolved_.took_effect;
    }
  }
}

Oracle::Resolved Oracle::resolved() const {
  absl::MutexLock lock(&mutex_);
  return resolved_;
}

std::vector<std::string> Oracle::Of(What what) const {
  std::vector<std::string> ids;
  for (const std::string& id : order_) {
    if (told_.at(id).what == what) ids.push_back(id);
  }
  return ids;
}

std::vector<std::string> Oracle::acknowledged() const {
  absl::MutexLock lock(&mutex_);
  return Of(What::kAcknowledged);
}

std::vector<std::string> Oracle::in_doubt() const {
  absl::MutexLock lock(&mutex_);
  return Of(What::kInDoubt);
}

std::vector<std::string> Oracle::Check(const std::vector<RecordInfo>& records) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> findings = changed_;
  std::map<std::string, const RecordInfo*> found;
  for (const RecordInfo& record : records) {
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
    if (told.what == What::kInDoubt) continue;
    if (told.what == What::kOut) {
      if (it == found.end()) continue;
      findings.push_back(absl::StrCat(hex, " was out and is at ", it->second->position().epoch(),
                                      "/", it->second->position().seq()));
      continue;
    }
    const char* how = told.what == What::kFoundIn ? " was found at " : " was acknowledged at ";
    if (it == found.end()) {
      findings.push_back(absl::StrCat(hex, how, told.epoch, "/", told.seq, " and is LOST"));
    } else if (it->second->position().seq() != told.seq ||
               it->second->position().epoch() != told.epoch) {
      findings.push_back(absl::StrCat(hex, how, told.epoch, "/", told.seq, " and is at ",
                                      it->second->position().epoch(), "/",
                                      it->second->position().seq()));
    }
  }
  if (sent != found.size()) {
    findings.push_back(absl::StrCat(found.size() - sent, " commands are there that nobody sent"));
  }
  return findings;
}

}  // namespace pdp::crash
