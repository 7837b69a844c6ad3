#ifndef PDP_TESTS_FAULTS_BANK_CELL_H_
#define PDP_TESTS_FAULTS_BANK_CELL_H_

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "libs/engine/testing/bank.h"
#include "libs/log/event_log.h"
#include "libs/privacy/key_vault.h"
#include "libs/view/view_db.h"

namespace pdp::faults {

using engine::testing::Bank;

// A folder that is gone with it.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "pdp_faults_XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// One cell of the test domain (accounts of people), on a log and a disk that a test chooses.
class BankCell {
 public:
  static Area area() { return *Area::FromCode("N56"); }

  struct Where {
    log::EventLog* log = nullptr;
    privacy::KeyVault* vault = nullptr;
    std::string views;
    rocksdb::Env* disk = nullptr;
    Clock* clock = &Clock::System();
    engine::CellOptions options = {};
  };
  // Opened; not leading yet.
  static absl::StatusOr<std::unique_ptr<BankCell>> Open(Where where) {
    auto bank = std::make_unique<BankCell>();
    ASSIGN_OR_RETURN(bank->views_, view::ViewDb::Open(where.views, where.disk));
    where.options.area = area();
    if (where.options.endpoint.empty()) where.options.endpoint = "test";
    bank->cell_ = std::make_unique<engine::Cell>(
        where.options, engine::Cell::Parts{.domain = engine::MakeDomain<Bank>(),
                                           .log = where.log,
                                           .views = bank->views_.get(),
                                           .vault = where.vault,
                                           .clock = where.clock});
    RETURN_IF_ERROR(bank->cell_->Start());
    return bank;
  }
  // And leading.
  static absl::StatusOr<std::unique_ptr<BankCell>> Lead(Where where) {
    ASSIGN_OR_RETURN(std::unique_ptr<BankCell> bank, Open(std::move(where)));
    RETURN_IF_ERROR(bank->cell_->WaitUntilLeading(absl::Now() + absl::Seconds(20)));
    return bank;
  }

  engine::Cell& cell() { return *cell_; }
  view::ViewDb& views() { return *views_; }

  static engine::CommandRequest Request(const Bank::Command& command, absl::string_view id) {
    engine::CommandRequest request;
    request.header.set_command_id(std::string(DerivedCommandId("faults", id).bytes()));
    request.command = std::make_shared<Bank::Command>(command);
    return request;
  }
  engine::CommandOutcome Run(const Bank::Command& command, absl::string_view id) {
    return cell_->Execute(Request(command, id));
  }
  // Opens the account of `owner`, whose command id is the owner.
  engine::CommandOutcome OpenAccount(const std::string& owner) {
    return Run(engine::testing::OpenAccount(owner, absl::StrCat("Name of ", owner)), owner);
  }
  static absl::Status StatusOf(const engine::CommandOutcome& outcome) {
    const auto* status = std::get_if<absl::Status>(&outcome.result);
    return status == nullptr ? absl::OkStatus() : *status;
  }

 private:
  std::unique_ptr<view::ViewDb> views_;
  std::unique_ptr<engine::Cell> cell_;
};

}  // namespace pdp::faults

#endif  // PDP_TESTS_FAULTS_BANK_CELL_H_
