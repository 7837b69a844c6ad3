#include "services/referral/projections/people.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/privacy/blind_index.h"
#include "libs/privacy/key_vault.h"
#include "pdp/referral/v1/events.pb.h"
#include "services/referral/domain/name_folding.h"

namespace pdp::referral {
namespace {

constexpr size_t kTextBytesMax = 40;
// Merges of merges are at most 8 deep; of how many at one place nothing is said.
constexpr size_t kFamilyMax = 1'000;
constexpr size_t kBeginningBytesMin = 2;
// A node names its people while they are so few; beyond, its children are looked up.
constexpr int kNamedMax = 32;
// A subject of the vault that is nobody's CRN (REF-1).
constexpr char kIndexKey[] = "key/referral/name-index";

// Durable before anything stands under it.
absl::StatusOr<std::string> IndexSecret(privacy::KeyVault& vault) {
  ASSIGN_OR_RETURN(privacy::PersonKey key, vault.Obtain(kIndexKey));
  RETURN_IF_ERROR(vault.Sync());
  return std::move(key.secret);
}

// 16 bytes.
std::string TokenOf(const std::string& secret, absl::string_view text) {
  return absl::HexStringToBytes(privacy::BlindIndex(secret, text));
}
std::string NodeKey(absl::string_view token) { return absl::StrCat("n/", token); }

using Crns = google::protobuf::RepeatedPtrField<std::string>;

void Remove(Crns* crns, const std::string& crn) {
  const auto at = std::find(crns->begin(), crns->end(), crn);
  if (at != crns->end()) crns->erase(at);
}

std::string TokensKey(absl::string_view crn) { return absl::StrCat("t/", crn); }

void Leave(const std::string& crn, projection::RowWriter& rows) {
  v1::IndexTokens held;
  if (!rows.Get(TokensKey(crn), &held)) return;
  rows.Delete(TokensKey(crn));
  for (const std::string& token : held.tokens()) {
    v1::IndexNode node;
    if (!rows.Get(NodeKey(token), &node)) continue;
    node.set_people(node.people() - 1);
    Remove(node.mutable_crns(), crn);
    Remove(node.mutable_exact(), crn);
    if (node.people() == 0) {
      rows.Delete(NodeKey(token));
    } else {
      rows.Put(NodeKey(token), node);
    }
  }
}

void Enter(const std::string& secret, const v1::IndexedPerson& person,
           projection::RowWriter& rows) {
  const std::string text = People::TextOf(person.name());
  v1::IndexTokens held;
  for (size_t bytes = kBeginningBytesMin; bytes <= text.size(); ++bytes) {
    const std::string token = TokenOf(secret, absl::string_view(text).substr(0, bytes));
    held.add_tokens(token);
    v1::IndexNode node;
    rows.Get(NodeKey(token), &node);
    // Named until there were too many for once; from then on the children say who.
    const bool all_named = node.crns_size() == node.people() && node.people() < kNamedMax;
    if (all_named) {
      node.add_crns(person.crn());
    } else {
      node.clear_crns();
    }
    node.set_people(node.people() + 1);
    if (bytes == text.size()) node.add_exact(person.crn());
    rows.Put(NodeKey(token), node);
  }
  if (!held.tokens().empty()) rows.Put(TokensKey(person.crn()), held);
}

// Puts the person in anew, as `change` made them.
absl::Status Replace(privacy::KeyVault& vault, const v1::IndexedPerson& person, bool erased,
                     projection::RowWriter& rows) {
  Leave(person.crn(), rows);
  if (!erased) {
    ASSIGN_OR_RETURN(const std::string secret, IndexSecret(vault));
    Enter(secret, person, rows);
  }
  rows.Put(People::PersonKey(person.crn()), person, person.crn());
  return absl::OkStatus();
}

void PutHome(const v1::IndexedPerson& person, projection::RowWriter& rows) {
  v1::IndexedPerson row;
  row.set_crn(person.crn());
  rows.Put(absl::StrCat(People::AreaPrefix(person.home_area()), person.crn()), row, person.crn());
}

// REF-93: each of `crns` is read as `root`, no more as `before`.
void PutFamily(const std::string& before, const std::string& root, const Crns& crns,
               projection::RowWriter& rows) {
  v1::IndexedPerson row;
  for (const std::string& crn : crns) {
    if (crn == root) continue;
    rows.Delete(absl::StrCat(People::FamilyPrefix(before), crn));
    row.set_crn(root);
    rows.Put(People::RootKey(crn), row, root);
    row.set_crn(crn);
    rows.Put(absl::StrCat(People::FamilyPrefix(root), crn), row, crn);
  }
  row.set_crn(root);
  if (rows.Scan(People::FamilyPrefix(root), 1).empty()) {
    rows.Delete(People::RootKey(root));
  } else {
    rows.Put(People::RootKey(root), row, root);
  }
}

void Merge(const v1::PersonMerged& merged, projection::RowWriter& rows) {
  PutFamily(merged.from(), merged.root().empty() ? merged.to() : merged.root(), merged.aliases(),
            rows);
}

void Unmerge(const v1::PersonUnmerged& unmerged, projection::RowWriter& rows) {
  const std::string& root = unmerged.survivors().empty() ? unmerged.to() : unmerged.survivors(0);
  rows.Delete(absl::StrCat(People::FamilyPrefix(root), unmerged.from()));
  PutFamily(root, unmerged.from(), unmerged.aliases(), rows);
  PutFamily(root, root, {}, rows);
}

// The walk. One node is looked at after another, depth first; a subtree that lies before the place
// where the page before ended is not entered.
class Walk {
 public:
  using Visit = absl::FunctionRef<bool(const std::string&, const v1::IndexedPerson&)>;
  Walk(const host::ServiceHost& host, std::string secret, const std::string& after_text,
       const std::string& after_crn, Visit visit)
      : rows_(host.rows(People::kName)),
        secret_(std::move(secret)),
        after_text_(after_text),
        after_crn_(after_crn),
        visit_(visit) {}

  // False: enough, or the disk failed.
  bool Go(const std::string& text) {
    if (text < absl::string_view(after_text_).substr(0, text.size())) return true;
    v1::IndexNode node;
    if (!Get(text, &node)) return failure_.ok();
    return Enter(text, node);
  }
  const absl::Status& failure() const { return failure_; }

 private:
  bool Get(const std::string& text, v1::IndexNode* node) {
    const auto found = rows_.Get(Area::Nat(), NodeKey(TokenOf(secret_, text)), node);
    failure_.Update(found.status());
    return found.ok() && *found;
  }

  bool Enter(const std::string& text, const v1::IndexNode& node) {
    if (node.crns_size() == node.people()) return Show(node.crns());
    if (!Show(node.exact())) return false;
    int64_t left = node.people() - node.exact_size();
    if (text.size() == kTextBytesMax) return true;
    // In the order of bytes: the comma, letters, and what UTF-8 is made of beyond ASCII.
    for (int byte = ','; byte <= 0xF7 && left > 0; ++byte) {
      if (byte == ',' + 1) byte = 'a';
      if (byte == 'z' + 1) byte = 0x80;
      const std::string child = absl::StrCat(text, std::string(1, static_cast<char>(byte)));
      v1::IndexNode below;
      if (!Get(child, &below)) {
        if (!failure_.ok()) return false;
        continue;
      }
      left -= below.people();
      if (child < absl::string_view(after_text_).substr(0, child.size())) continue;
      if (!Enter(child, below)) return false;
    }
    return true;
  }

  bool Show(const Crns& crns) {
    std::vector<std::pair<std::string, v1::IndexedPerson>> people;
    for (const std::string& crn : crns) {
      v1::IndexedPerson person;
      bool erased = false;
      const auto found = rows_.Get(Area::Nat(), People::PersonKey(crn), &person, &erased);
      failure_.Update(found.status());
      if (!found.ok()) return false;
      if (!*found || erased) continue;
      std::string text = People::TextOf(person.name());
      if (std::tie(text, crn) > std::tie(after_text_, after_crn_)) {
        people.emplace_back(std::move(text), std::move(person));
      }
    }
    std::sort(people.begin(), people.end(), [](const auto& a, const auto& b) {
      return std::tie(a.first, a.second.crn()) < std::tie(b.first, b.second.crn());
    });
    for (const auto& [text, person] : people) {
      if (!visit_(text, person)) return false;
    }
    return true;
  }

  const projection::RowReader& rows_;
  const std::string secret_;
  const std::string& after_text_;
  const std::string& after_crn_;
  Visit visit_;
  absl::Status failure_;
};

}  // namespace

std::string People::PersonKey(absl::string_view crn) { return absl::StrCat("c/", crn); }

std::string People::AreaPrefix(absl::string_view area) { return absl::StrCat("h/", area, "/"); }

std::string People::RootKey(absl::string_view crn) { return absl::StrCat("m/", crn); }

std::string People::FamilyPrefix(absl::string_view root) { return absl::StrCat("f/", root, "/"); }

std::string People::TextOf(const v1::PersonName& name) {
  if (name.family().empty()) return "";
  return absl::StrCat(FoldName(name.family()), ",", FoldName(name.given()))
      .substr(0, kTextBytesMax);
}

absl::Status People::Project(const projection::RecordedEvent& recorded,
                             projection::RowWriter& rows) {
  if (recorded.aggregate.kind() != "person") return absl::OkStatus();
  const auto& event = recorded.As<v1::Event>();
  v1::IndexedPerson person;
  if (event.has_person_registered()) {
    const v1::PersonRegistered& registered = event.person_registered();
    person.set_crn(registered.crn());
    *person.mutable_name() = registered.identity().name();
    person.set_date_of_birth(registered.identity().date_of_birth());
    person.set_sex(registered.identity().sex());
    person.set_gender_identity(registered.identity().gender_identity());
    person.set_home_area(registered.home_area());
    person.set_pdu(registered.pdu());
    PutHome(person, rows);
    return Replace(vault_(), person, recorded.erased, rows);
  }
  if (event.has_person_merged()) Merge(event.person_merged(), rows);
  if (event.has_person_unmerged()) Unmerge(event.person_unmerged(), rows);
  // REF-102: the names leave the index before the key is destroyed.
  if (event.has_person_erased()) {
    if (!rows.Get(PersonKey(recorded.aggregate.id()), &person)) return absl::OkStatus();
    v1::IndexedPerson erased;
    erased.set_crn(person.crn());
    erased.set_home_area(person.home_area());
    erased.set_pdu(person.pdu());
    Leave(person.crn(), rows);
    rows.Delete(absl::StrCat(AreaPrefix(person.home_area()), person.crn()));
    rows.Put(PersonKey(erased.crn()), erased, erased.crn());
    return absl::OkStatus();
  }
  const bool corrected = event.has_identity_corrected();
  if (!corrected && !event.has_home_area_moved()) return absl::OkStatus();
  if (!rows.Get(PersonKey(recorded.aggregate.id()), &person)) return absl::OkStatus();
  if (corrected) {
    const v1::Identity& now = event.identity_corrected().new_values();
    if (now.has_name()) *person.mutable_name() = now.name();
    if (!now.date_of_birth().empty()) person.set_date_of_birth(now.date_of_birth());
    if (!now.sex().empty()) person.set_sex(now.sex());
    if (!now.gender_identity().empty()) person.set_gender_identity(now.gender_identity());
    return Replace(vault_(), person, recorded.erased, rows);
  }
  rows.Delete(absl::StrCat(AreaPrefix(person.home_area()), person.crn()));
  person.set_home_area(event.home_area_moved().new_area());
  person.set_pdu(event.home_area_moved().new_pdu());
  PutHome(person, rows);
  rows.Put(PersonKey(person.crn()), person, person.crn());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FamilyOf(const projection::RowReader& people,
                                                  const std::string& crn) {
  v1::IndexedPerson row;
  ASSIGN_OR_RETURN(const bool merged, people.Get(Area::Nat(), People::RootKey(crn), &row));
  std::vector<std::string> family = {merged ? row.crn() : crn};
  if (!merged) return family;
  RETURN_IF_ERROR(people.Scan(
      Area::Nat(), {.prefix = People::FamilyPrefix(family.front()), .limit = kFamilyMax}, &row,
      [&](absl::string_view, bool) {
        family.push_back(row.crn());
        return true;
      }));
  return family;
}

absl::Status WalkNames(const host::ServiceHost& host, const std::string& beginning,
                       const std::string& after_text, const std::string& after_crn,
                       absl::FunctionRef<bool(const std::string& text, const v1::IndexedPerson&)>
                           visit) {
  if (beginning.size() < kBeginningBytesMin) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::string secret, IndexSecret(host.vault()));
  Walk walk(host, std::move(secret), after_text, after_crn, visit);
  (void)walk.Go(beginning.substr(0, kTextBytesMax));
  return walk.failure();
}

}  // namespace pdp::referral
