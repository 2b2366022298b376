"""The tabs are those of the product page, and each column has its words."""

import pytest

from crm_sheets.cells import text_key
from crm_sheets.errors import UsageError
from crm_sheets.language import LOCALES, language
from crm_sheets.schema import TABS, tab
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.dictionary_defaults import SHIPPED
from crm_sheets.schema.labels import column_label, header_names, tab_label, tab_names
from crm_sheets.schema.validation import JUDGED_CODES
from crm_sheets.tables import ColumnKey, TabKey

COLUMNS = {
    "customers": "编号 _key 客户名称* 客户类型* 所属行业* 联系人* 职位 联系电话* 邮箱 联系许可 邮件退订时间 退信邮箱 "
    "地区 地址 客户来源 企业规模 员工数 年收入 统一社会信用代码 注册规模 年采购预算 证件号码 生日 "
    "生日历法 偏好产品 需求与痛点 标签 "
    "客户状态 客户等级 分级依据 生命周期 转化时间 转化路径 成交日期 上一状态 状态变更时间 "
    "系统评级 上一等级 等级变更时间 负责人 所属部门 认领人 进入公海 原负责人 认领时间 共享 隐私备注 备注 "
    "最近跟进 下次跟进 订单数 订单总额 订单利润 最近下单 创建时间 更新时间 检查 疑似重复 合并到 曾用名",
    "follow_ups": "编号 _key 客户* 机会 跟进方式* 主题 跟进内容* 计划完成时间* 跟进人 提前提醒 提醒处理 实际跟进时间 "
    "跟进结果 下一步计划 下次跟进时间 客户反馈 参与人员 附件 状态 提醒推迟至 已知悉的计划 检查",
    "opportunities": "编号 _key 机会名称* 客户* 机会来源 阶段* 预计成交金额* 折扣 预计成交日期* 开始日期 赢率 "
    "竞争对手 关键节点 赢单原因 输单原因 负责人 进入阶段 上一阶段 停留天数 阶段期限 延期次数 加权金额 检查",
    "feedback": "编号 _key 客户* 反馈日期* 反馈来源 反馈类型* 反馈内容* 处理状态* 处理人 处理结果 处理时间 "
    "满意度 推荐意愿 处理时限 检查",
    "campaigns": "编号 _key 活动名称* 活动类型* 开始日期* 结束日期* 预算 目标客群 生成名单 名单时间 邮件主题 邮件正文 "
    "问候场合 邮件发送时间 邮件发送 邮件状态 邮件版本 已批准邮件版本 邀请人数 参加人数 转化人数 转化率 检查",
    "campaign_members": "_key 活动* 客户* 客户编号 参与状态* 转化日期 邮件状态 邮件发出时间 邮件结果代码 名单项 检查",
    "stage_history": "编号 _key 对象编号 名称 客户 机会 变更项 次序 变更前 变更后 变更时间 停留天数 操作人 检查",
    "services": "编号 _key 客户* 服务时间* 服务类型 优先级 问题描述* 处理状态* 负责人 首次响应 解决时间 解决方案 "
    "响应时限 解决时限 等待客户起 累计等待 SLA 检查",
    "orders": "订单编号 _key 外部单号 客户* 机会 下单日期* 订单状态* 交货时间 实际交付 总金额 优惠金额 成本 利润 "
    "已付金额 支付状态 售后情况 负责人 检查",
    "order_lines": "编号 _key 订单* 产品或服务* 数量* 单价* 折扣 成本 金额 利润 检查",
    "payments": "编号 _key 订单 合同 客户 应付日期 到账日期 金额* 支付方式 负责人 检查",
    "contracts": "编号 _key 合同编号* 客户* 机会 签署日期 生效日期 到期日期 合同金额* 已收金额 合同状态* 负责人 检查",
    "targets": "编号 _key 周期* 对象* 指标* 目标值* 实际 达成率 差额 时间进度 检查",
    "performance": "编号 _key 月份 归属人员 姓名 工号 部门 小组 成交数 成交金额 回款金额 新增客户 跟进次数 检查",
    "reviews": "编号 _key 复盘月份* 对象* 改进措施* 责任人 完成期限 落实情况 检查",
    "lookups": "编号 _key 查询内容* 查询人 查询结果 所属部门 您可见的客户 查询时间 已答内容 检查",
    "conflicts": "编号 _key 冲突状态 所在表 行编号 对象名称 冲突项 保留的值 保留值修改人 未采用的值 未采用值修改人 "
    "冲突时间 建议决定人 决定 决定说明 决定人 决定时间 日志标识 检查",
    "approvals": "编号 _key 审批状态 所在表 行编号 对象名称 变更项 原值 新值 提出人 申请理由 审批人 审批决定 审批意见 "
    "审批流程 审批级次 提出时间 审批期限 决定人 决定时间 审批过程 检查",
    "people": "_key 工号* 姓名* 部门* 小组 岗位 角色* 上级 邮箱* 群机器人 日历邀请 在职 "
    "工作时间 免打扰时段 时区 提醒方式 不接收的提醒 检查",
    "dictionaries": "_key 字典* 值* 顺序 属性 启用 检查",
    "calendar": "_key 日期* 日期类型* 说明 检查",
}


@pytest.mark.parametrize("each", TABS, ids=lambda each: str(each.key))
def test_columns_stand_in_the_order_of_the_product_page(each: Tab) -> None:
    words = language("zh-CN")
    headers = [column_label(each.key, key, words) + "*" * column.required for key, column in each.columns.items()]
    assert headers == COLUMNS[each.key].split()


def test_a_tab_is_found_by_its_key() -> None:
    assert [tab(TabKey(key)).key for key in COLUMNS] == list(COLUMNS)
    with pytest.raises(UsageError, match="customers"):
        tab(TabKey("leads"))


@pytest.mark.parametrize("locale", LOCALES)
def test_each_tab_column_value_and_finding_has_words(locale: str) -> None:
    words = language(locale)
    for each in TABS:
        assert words.has(f"tab.{each.key}")
        for column in each.columns.values():
            assert not column_label(each.key, column.key, words).startswith("column.")
            assert column.dictionary is None or column.dictionary in SHIPPED
    for key, values in SHIPPED.items():
        assert words.has(f"dictionary.{key}")
        assert all(words.has(f"value.{key}.{value.code}") for value in values)
    assert all(words.has(f"issue.{code}") for code in JUDGED_CODES)


@pytest.mark.parametrize("locale", LOCALES)
def test_labels_are_distinct_and_mean_their_own_column(locale: str) -> None:
    words = language(locale)
    for each in TABS:
        names = header_names(each)
        for key in each.columns:
            assert names[text_key(column_label(each.key, key, words))] == key
        assert tab_names(tuple(other.key for other in TABS))[text_key(tab_label(each.key, words))] == each.key


def test_columns_that_rules_compute_are_ours() -> None:
    for each in TABS:
        for column in each.columns.values():
            assert column.system or not column.computed
            assert not (column.system and column.required)
            if column.kind in (Kind.REFERENCE, Kind.PERSON):
                assert column.refers_to in COLUMNS
    assert tab(TabKey("customers")).columns[ColumnKey("id_number")].sealed
