// pdp-log-verify: recomputes the hash chain of a log and names the first damaged record.
//
//   pdp-log-verify --data DIR [--area N56]                                    DIR: an embedded log
//   pdp-log-verify --bootstrap-servers HOST:PORT --service referral [--area N56]
//
// Without --area: all thirteen. Exit code 0 whole, 1 damaged, 2 cannot be read or wrong usage.

#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "libs/log/kafka_client.h"
#include "libs/log/rocks_source.h"
#include "libs/log/verify.h"

namespace {

using ::pdp::Area;

constexpr int kWhole = 0, kDamaged = 1, kUnreadable = 2;

using Flags = std::map<std::string, std::string>;

absl::StatusOr<std::unique_ptr<pdp::log::RawSource>> Open(const Flags& flags, Area area) {
  if (const auto data = flags.find("--data"); data != flags.end()) {
    return pdp::log::OpenRocksRawSource(data->second, area);
  }
  pdp::log::KafkaLogOptions options;
  options.brokers = flags.at("--bootstrap-servers");
  options.topic = pdp::log::LogTopic(flags.at("--service"));
  return pdp::log::OpenKafkaRawSource(options, area);
}

int VerifyArea(const Flags& flags, Area area) {
  absl::StatusOr<std::unique_ptr<pdp::log::RawSource>> source = Open(flags, area);
  absl::StatusOr<pdp::log::VerifyReport> report =
      source.ok() ? pdp::log::Verify(area, **source) : source.status();
  if (!report.ok()) {
    std::cout << area << ": cannot be read: " << report.status().message() << "\n";
    return absl::IsDataLoss(report.status()) ? kDamaged : kUnreadable;
  }
  std::cout << area << ": " << report->records << " records, " << report->accepted << " accepted";
  for (const auto& [why, count] : report->dropped) std::cout << ", " << count << " " << why;
  if (report->damage.has_value()) {
    const pdp::log::Damage& damage = *report->damage;
    std::cout << "; DAMAGED at index " << damage.index << " (epoch " << damage.epoch << ", seq "
              << damage.seq << "): " << damage.what << "\n";
    return kDamaged;
  }
  std::cout << "; whole up to epoch " << report->epoch << " seq " << report->seq << " hash "
            << report->hash_hex << "\n";
  return kWhole;
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i + 1 < argc; i += 2) flags[argv[i]] = argv[i + 1];
  const bool usable =
      argc % 2 == 1 && (flags.count("--data") == 1 ||
                        (flags.count("--bootstrap-servers") && flags.count("--service")));
  std::vector<Area> areas(Area::All().begin(), Area::All().end());
  if (const auto it = flags.find("--area"); it != flags.end()) {
    const std::optional<Area> area = Area::FromCode(it->second);
    areas.clear();
    if (area.has_value()) areas.push_back(*area);
  }
  if (!usable || areas.empty()) {
    std::cerr << "usage: pdp-log-verify --data DIR | --bootstrap-servers HOST:PORT --service NAME"
                 " [--area CODE]\n";
    return kUnreadable;
  }
  int worst = kWhole;
  for (const Area area : areas) worst = std::max(worst, VerifyArea(flags, area));
  return worst;
}
