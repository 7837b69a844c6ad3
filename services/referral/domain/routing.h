#ifndef PDP_SERVICES_REFERRAL_DOMAIN_ROUTING_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_ROUTING_H_

#include <map>
#include <string>
#include <vector>

#include "services/referral/domain/needs.h"

// The route decision (REF-40 to REF-51, 54 to 56): a pure function. The same inputs give the
// identical decision for ever; every criterion of every tried version is traced.
namespace pdp::referral {

struct RoutingInputs {
  // PROGRAMME, UPW, SIGNPOST.
  std::string line;
  std::string need;
  std::string category;
  PersonFacts person;
  // The source sentence, and its requirement number (0: none named, source kind RAR).
  v1::Sentence sentence;
  int requirement_no = 0;
  std::vector<v1::Sentence> live_sentences;
  const v1::Catalogue* catalogue = nullptr;
  // Live completion dates by version_ref (REF-47).
  std::map<std::string, std::string> estimates;
  std::vector<std::string> not_suitable;
  bool proceed_alternative = false;
  Date decided_on;
};

// Fills everything but the id and the aggregate versions.
v1::Decision DecideRouting(const RoutingInputs& inputs, const Policy& policy);

// In the source sentence (index), and in any other live sentence's offences (history).
bool HasDomesticAbuse(const RoutingInputs& inputs);

// AP, SI or UPW; empty for an unknown route.
std::string RouteKind(const std::string& route, const v1::Catalogue* catalogue);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_ROUTING_H_
