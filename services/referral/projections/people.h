#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_PEOPLE_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_PEOPLE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "libs/host/host.h"
#include "libs/privacy/key_vault.h"
#include "libs/projection/projection.h"
#include "pdp/referral/v1/queries.pb.h"

namespace pdp::referral {

// The people of the cell NAT, found by name (REF-103). No name is in a key: a text stands under its
// keyed token (privacy::BlindIndex). The text of a person is `family,given` folded, its first 40
// bytes.
//
//   c/<crn>          v1.IndexedPerson, sealed under the person's key
//   t/<crn>          v1.IndexTokens: where the person stands in the tree, so that they can leave it
//   h/<area>/<crn>   the people of a home area
//   m/<crn>          v1.IndexedPerson, of a merged record: the CRN of the root, of the root its own
//   f/<root>/<crn>   the other records of a merged person (REF-93)
//   n/<token>        v1.IndexNode: how many texts begin with the text of this token, and who
//
// That is a tree of the beginnings of texts in which a child is looked up by its token: walked in
// the order of the alphabet it gives the people in the order of their names, without an order of
// names being stored. A beginning has at least two bytes.
class People final : public projection::Projection {
 public:
  static constexpr char kName[] = "people";
  // `vault` gives the keys of the service, once events come; it holds the secret of the index.
  using Vault = std::function<privacy::KeyVault&()>;
  explicit People(Vault vault) : vault_(std::move(vault)) {}
  std::string name() const override { return kName; }
  uint32_t version() const override { return 3; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;

  static std::string PersonKey(absl::string_view crn);
  static std::string AreaPrefix(absl::string_view area);
  static std::string RootKey(absl::string_view crn);
  static std::string FamilyPrefix(absl::string_view root);
  // `family,given` folded; what the tree is of.
  static std::string TextOf(const v1::PersonName& name);

 private:
  const Vault vault_;
};

// Every CRN of the person of `crn`, the root's first (REF-93), as the view has it. Needs NAT here.
absl::StatusOr<std::vector<std::string>> FamilyOf(const projection::RowReader& people,
                                                  const std::string& crn);

// Walks the people whose text begins with `beginning` (2 bytes at least, else nobody) in the order
// of (text, crn), those after `after_text` and `after_crn`, until `visit` returns false. People of
// an erased name are not in it. Blocking on the disk.
absl::Status WalkNames(const host::ServiceHost& host, const std::string& beginning,
                       const std::string& after_text, const std::string& after_crn,
                       absl::FunctionRef<bool(const std::string& text, const v1::IndexedPerson&)>
                           visit);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_PEOPLE_H_
