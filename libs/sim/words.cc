#include "libs/sim/words.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/engine/cell.h"
#include "libs/sim/lane.h"
#include "libs/sim/world.h"
#include "pdp/common/v1/options.pb.h"

namespace pdp::sim {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr absl::string_view kMark = "words-";
constexpr char kEnd = 'z';

// The numbers of all words in `text`.
void Find(absl::string_view text, std::set<uint64_t>* into) {
  // Most bytes are no 'w'.
  for (size_t at = text.find('-'); at != text.npos; at = text.find('-', at + 1)) {
    if (at + 1 < kMark.size()) continue;
    if (absl::AsciiStrToLower(text.substr(at + 1 - kMark.size(), kMark.size())) != kMark) continue;
    size_t end = at + 1;
    while (end < text.size() && absl::ascii_isdigit(text[end])) ++end;
    // Whole ones only: files cut texts in two where their blocks end.
    if (end == text.size() || absl::ascii_tolower(text[end]) != kEnd) continue;
    uint64_t n = 0;
    if (absl::SimpleAtoi(text.substr(at + 1, end - at - 1), &n)) into->insert(n);
  }
}

void Collect(const Message& message, bool personal, std::set<uint64_t>* clear,
             std::set<uint64_t>* sealed) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool here = personal || field->options().GetExtension(common::v1::personal);
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Collect(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                     : reflection->GetMessage(message, field),
                here, clear, sealed);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        Find(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                  : reflection->GetString(message, field),
             here ? sealed : clear);
      }
    }
  }
}

}  // namespace

std::string Words(uint64_t n) { return absl::StrCat("Words-", n, std::string(1, kEnd)); }

std::string FindPersonalWords(World& world, const std::map<int, History>& histories) {
  std::set<uint64_t> clear, personal;
  KnowingVault all_keys(world.keys());
  for (const auto& [index, history] : histories) {
    for (const History::Entry& entry : history.accepted) {
      for (const auto& recorded : entry.record.commit().events()) {
        const auto opened = engine::OpenEvent(*world.domain(), Area::All()[index], recorded,
                                              all_keys);
        if (opened.ok()) Collect(*opened->event, false, &clear, &personal);
      }
    }
  }
  for (const uint64_t n : clear) personal.erase(n);
  if (personal.empty()) return "";
  world.tally["personal texts"] += personal.size();
  const auto look = [&](const std::string& bytes, const std::string& where) -> std::string {
    std::set<uint64_t> found;
    Find(bytes, &found);
    for (const uint64_t n : found) {
      if (personal.contains(n)) {
        const size_t at = absl::AsciiStrToLower(bytes).find(absl::AsciiStrToLower(Words(n)));
        return absl::StrCat("personal data lies in the clear in ", where, ": ",
                            absl::CHexEscape(bytes.substr(at - std::min<size_t>(at, 200), 260)));
      }
    }
    return "";
  };
  for (const auto& disk : world.disks()) {
    for (const auto& [name, file] : disk->files) {
      if (std::string found = look(file->data, name); !found.empty()) return found;
    }
  }
  for (const Area area : world.plan().areas) {
    for (const auto& stored : world.broker().records(area)) {
      if (std::string found = look(stored.bytes, "the log"); !found.empty()) return found;
    }
  }
  return "";
}

}  // namespace pdp::sim
