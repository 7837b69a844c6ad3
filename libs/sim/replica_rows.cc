#include "libs/sim/replica_rows.h"

#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "libs/base/check.h"
#include "libs/projection/publisher.h"
#include "libs/sim/world.h"
#include "libs/view/archive.h"
#include "libs/view/keys.h"
#include "pdp/log/v1/views.pb.h"

namespace pdp::sim {
namespace {

using Rows = std::map<std::string, std::string>;

bool Destroyed(World& world, const std::string& key_id) {
  const auto key = world.keys().keys.find(key_id);
  return key != world.keys().keys.end() && !key->second.secret.has_value();
}

void ForgetStates(World& world, Rows* rows) {
  for (auto& [key, value] : *rows) {
    log::v1::StateRow row;
    if (!row.ParseFromString(value)) continue;
    if (row.has_sealed() && Destroyed(world, row.sealed().key_id())) row.clear_sealed();
    value = row.SerializeAsString();
  }
}

// The clear part of each row, and its sealed part where the key is left (libs/projection/rows.h).
void ForgetRows(World& world, Rows* rows) {
  for (auto& [key, value] : *rows) {
    if (value.empty() || value[0] != 's') {
      value = value.substr(std::min<size_t>(1, value.size()));
      continue;
    }
    google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(value.data()) + 1,
                                              static_cast<int>(value.size()) - 1);
    uint32_t clear_bytes = 0;
    std::string clear;
    log::v1::Sealed sealed;
    const bool parsed = in.ReadVarint32(&clear_bytes) &&
                        in.ReadString(&clear, static_cast<int>(clear_bytes)) &&
                        sealed.ParseFromCodedStream(&in);
    if (parsed && Destroyed(world, sealed.key_id())) value = clear;
  }
}

void ForgetExpired(World& world, Area area, Rows* rows) {
  const auto checkpoint = view::Archive(world.reference()->views()).Checkpoint(area);
  const int64_t now = checkpoint.ok() ? checkpoint->recorded_at_us() : 0;
  for (auto it = rows->begin(); it != rows->end();) {
    log::v1::IdempotencyRow row;
    const int64_t at = row.ParseFromString(it->second) ? row.expires_at_us() : now + 1;
    it = at <= now ? rows->erase(it) : std::next(it);
  }
}

std::string FirstDifference(const Rows& rows, const Rows& due) {
  const auto show = [](const std::string& text) {
    return absl::CHexEscape(text.substr(0, 300));
  };
  for (const auto& [key, value] : due) {
    const auto it = rows.find(key);
    if (it == rows.end()) return absl::StrCat("lacks ", show(key));
    if (it->second != value) {
      return absl::StrCat(show(key), " is ", show(it->second), " and should be ", show(value));
    }
  }
  for (const auto& [key, value] : rows) {
    if (!due.contains(key)) return absl::StrCat("has ", show(key), " too many");
  }
  return "";
}

}  // namespace

std::map<std::string, std::string> RowsOf(const view::ViewDb& views, view::Family family,
                                          Area area) {
  Rows rows;
  const absl::Status scanned =
      views.Scan(family, view::AreaKey(area), "",
                 [&](absl::string_view key, absl::string_view value) {
                   rows.emplace(std::string(key), std::string(value));
                   return true;
                 });
  PDP_CHECK(scanned.ok(), "rows of a simulated disk can be read");
  return rows;
}

std::string CompareRows(World& world) {
  Node& reference = *world.reference();
  const bool erased = !world.erased().empty();
  for (const auto& node : world.living()) {
    for (const Area area : world.plan().areas) {
      const auto differs = [&](const std::string& family, const Rows& rows, const Rows& due) {
        const std::string difference = FirstDifference(rows, due);
        return difference.empty() ? ""
                                  : absl::StrCat(node->name(), "/", area.code(), ": ", family,
                                                 ": ", difference);
      };
      const view::ViewDb& views = node->views();
      const view::ViewDb& due = reference.views();
      Rows mine = RowsOf(views, views.state(), area), its = RowsOf(due, due.state(), area);
      if (erased) {
        ForgetStates(world, &mine);
        ForgetStates(world, &its);
      }
      if (std::string found = differs("state", mine, its); !found.empty()) return found;
      mine = RowsOf(views, views.idempotency(), area);
      its = RowsOf(due, due.idempotency(), area);
      ForgetExpired(world, area, &mine);
      ForgetExpired(world, area, &its);
      if (std::string found = differs("idempotency", mine, its); !found.empty()) return found;
      for (const auto family : {&view::ViewDb::by_aggregate, &view::ViewDb::inbox}) {
        if (std::string found = differs("index or inbox", RowsOf(views, (views.*family)(), area),
                                        RowsOf(due, (due.*family)(), area));
            !found.empty()) {
          return found;
        }
      }
      for (const std::string& name : due.names()) {
        mine = RowsOf(views, *node->views().Named(name), area);
        its = RowsOf(due, *reference.views().Named(name), area);
        if (erased) {
          if (world.plan().play->OutlivesErasure(name)) continue;
          ForgetRows(world, &mine);
          ForgetRows(world, &its);
        }
        if (std::string found = differs(name, mine, its); !found.empty()) return found;
      }
    }
  }
  return "";
}

}  // namespace pdp::sim
